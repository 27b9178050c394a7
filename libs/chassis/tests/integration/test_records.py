"""What others fill and check their copies from, and the difference that is found."""

import sys
import threading

import psycopg
import pytest
from libs.chassis.tests import factories as f
from libs.chassis.tests.integration.test_project import COPY, TASKS

from crm_chassis import db, ids, operations, records
from crm_chassis.project import CopyFolder
from crm_chassis.records import PeerAway, Peers
from crm_chassis.settings import Deployment
from crm_chassis.testing import OPS_TOKEN, free_port, wait_until
from crm_contracts import contacts, envelope

pytestmark = pytest.mark.integration
TYPES = ["contacts.task.completed.v1", "contacts.task.created.v1"]
SINCE = "2020-01-01T00:00:00Z"


@pytest.fixture
def peers(spine):
    with f.peer(spine.url) as addresses:
        yield Peers(addresses, ops_token=OPS_TOKEN)


@pytest.fixture
def kept(spine):
    f.rows(spine.url, COPY)
    return lambda: dict(f.rows(spine.url, "select title, version from task_copy order by 1"))


@pytest.fixture(autouse=True)
def _hasty(monkeypatch):
    module = sys.modules[records.verify.__module__]
    monkeypatch.setattr(module, "_BETWEEN_LOOKS_SECONDS", 0.01)


def tell(spine, *titles, **fields):
    with db.transaction(spine.sessions, db.Context(actor="user:ann")) as session:
        return [
            f.create_task(session, f.CreateTask(title=title, **fields), now=f.NOON)
            for title in titles
        ]


class TestRecords:
    def test_come_in_pages_each_once(self, spine, peers, monkeypatch):
        monkeypatch.setattr("crm_chassis.records.client._PAGE", 4)
        told = tell(spine, *(str(n) for n in range(10)))

        pages = list(peers.records("contacts", "task"))

        assert [len(page) for page in pages] == [4, 4, 2]
        assert [item.id for page in pages for item in page] == sorted(task.id for task in told)

    def test_are_the_published_bytes(self, spine, peers):
        tell(spine, "Grüße")

        (page,) = peers.records("contacts", "task")

        assert page[0].body.decode() == f.scalar(spine.url, "select body from record")

    def test_come_by_id_and_by_customer(self, spine, peers, monkeypatch):
        monkeypatch.setattr("crm_chassis.records.client._IDS_AT_ONCE", 2)
        customer = ids.new()
        (mine,) = tell(spine, "mine", customer_id=customer)
        others = tell(spine, "a", "b")
        wanted = [mine.id, ids.new(), *(task.id for task in others)]

        by_id = peers.by_ids("contacts", "task", wanted)
        of_customer, as_of = peers.of_customer(
            "contacts", ["task", "timeline"], customer, timeout=5
        )

        assert {item.id for item in by_id} == {mine.id, *(task.id for task in others)}
        assert {item.kind for item in of_customer} == {"task", "timeline"}
        assert as_of

    def test_that_were_erased_have_no_body(self, spine, peers):
        tell(spine, "secret")
        f.rows(spine.url, "update record set body = null, erased = true, version = 2")

        (page,) = peers.records("contacts", "task")

        assert (page[0].version, page[0].body) == (2, None)

    def test_of_a_peer_that_is_away_are_refused(self, spine):
        nobody = Peers({"contacts": f"http://127.0.0.1:{free_port()}"}, ops_token="x")
        with pytest.raises(PeerAway):
            next(nobody.records("contacts", "task"))
        with pytest.raises(PeerAway, match="names no sales"):
            next(nobody.records("sales", "task"))

        with f.peer(spine.url) as addresses, pytest.raises(PeerAway, match="401"):
            Peers(addresses, ops_token="wrong").digest("contacts", "task")


class TestFacts:
    def all_facts(self, peers, after="", **options):
        found, more = [], True
        while more:
            bodies, after, more = peers.facts(
                "contacts", TYPES, after=after, since=SINCE, **options
            )
            found += [envelope(body).id for body in bodies]
        return found, after

    def test_come_each_once_over_pages(self, spine, peers, monkeypatch):
        monkeypatch.setattr("crm_chassis.records.server.LARGEST_PAGE", 3)
        facts = [f.a_fact() for _ in range(10)]
        f.store_facts(spine.url, facts)
        f.wait_for_fence(spine.url)

        found, position = self.all_facts(peers)

        assert found == [fact.id for fact in facts]
        assert self.all_facts(peers, position)[0] == []

    def test_are_of_the_wanted_types_and_time_only(self, spine, peers):
        f.store_facts(spine.url, [f.a_fact(contacts.TaskUpdated)])
        f.store_facts(spine.url, [bulk := f.a_fact()], bulk=True)
        f.store_facts(spine.url, [live := f.a_fact()])
        f.wait_for_fence(spine.url)

        assert self.all_facts(peers)[0] == [live.id]
        assert self.all_facts(peers, bulk=True)[0] == [bulk.id, live.id]
        late = peers.facts("contacts", TYPES, after="", since="2100-01-01T00:00:00Z")
        assert late[0] == []

    def test_never_skip_a_slower_transaction(self, spine, peers):
        insert = (
            "insert into outbox (created_at, id, type, subject, subject_version, body)"
            " values (now(), %s, %s, %s, 1, %s)"
        )

        def values(fact):
            return fact.id, fact.type, fact.subject, f.encode(fact).decode()

        early, slow, fast, late = (f.a_fact() for _ in range(4))
        f.store_facts(spine.url, [early])
        f.wait_for_fence(spine.url)
        with psycopg.connect(spine.url) as slower:
            slower.execute(insert, values(slow))
            f.store_facts(spine.url, [fast])

            during, position = self.all_facts(peers)
            slower.commit()

        f.store_facts(spine.url, [late])
        f.wait_for_fence(spine.url)
        after, _ = self.all_facts(peers, position)
        assert during == [early.id]
        assert after == [slow.id, fast.id, late.id]

    def test_are_complete_under_concurrent_writers(self, spine, peers):
        def write():
            for _ in range(15):
                tell(spine, "x")

        writers = [threading.Thread(target=write) for _ in range(4)]
        for writer in writers:
            writer.start()
        found, position = [], ""

        def read_on():
            nonlocal position
            some, position = self.all_facts(peers, position)
            found.extend(some)
            return len(found) >= 60  # another database's open transaction may hold the last back

        wait_until(read_on, timeout=60, what="every fact")

        assert len(found) == len(set(found)) == 60


class TestVerify:
    @pytest.fixture
    def folder(self, spine, peers, kept):
        tell(spine, "same", "changed", "missing")
        folder = CopyFolder(TASKS)
        records.resync(folder, peers, spine.url)
        return folder

    def verify(self, spine, folder, peers):
        return {(found.here, found.there) for found in records.verify(folder, peers, spine.url)}

    def test_finds_nothing_after_a_resync(self, spine, peers, folder):
        assert self.verify(spine, folder, peers) == set()

    def test_does_not_mind_placeholders(self, spine, peers, folder):
        f.rows(spine.url, "insert into task_copy (id, version) values (gen_random_uuid(), 0)")

        assert self.verify(spine, folder, peers) == set()

    def test_finds_what_changed_what_is_missing_and_a_ghost(self, spine, peers, folder, kept):
        f.rows(spine.url, "update task_copy set digest = gen_random_uuid() where title = 'changed'")
        f.rows(spine.url, "delete from task_copy where title = 'missing'")
        f.rows(
            spine.url,
            "insert into task_copy (id, version, digest, title) values"
            " (gen_random_uuid(), 7, gen_random_uuid(), 'ghost')",
        )

        assert self.verify(spine, folder, peers) == {(1, 1), (None, 1), (7, None)}

        records.resync(folder, peers, spine.url)
        assert self.verify(spine, folder, peers) == {(7, None)}
        assert records.drop_ghosts(folder, peers, spine.url) == 1
        assert self.verify(spine, folder, peers) == set()
        assert kept() == {"same": 1, "changed": 1, "missing": 1}

    def test_finds_an_older_version(self, spine, peers, folder):
        f.rows(spine.url, "update record set version = 5 where body like '%same%'")

        assert self.verify(spine, folder, peers) == {(1, 5)}

    def test_does_not_count_what_arrives_while_it_looks(self, spine, peers, folder):
        tell(spine, "under way")

        class Late(CopyFolder):
            looks = 0

            def digests(self, connection, source):
                self.looks += 1
                if self.looks == 2:
                    records.resync(folder, peers, spine.url)
                return super().digests(connection, source)

        assert records.verify(Late(TASKS), peers, spine.url) == []


class TestOperations:
    @pytest.fixture
    def ask(self, spine, kept):
        from werkzeug.test import Client

        from crm_chassis.metrics import Ops

        with f.peer(spine.url) as addresses:
            deployment = Deployment(
                service="support",
                database_url=spine.url,
                amqp_url="",
                http_host="",
                http_port=0,
                ops_host="",
                ops_port=0,
                ops_token=OPS_TOKEN,
                token_keys="",
                signing_key="",
                peers=addresses,
                log_level="INFO",
                threads=1,
                drain_seconds=0,
            )
            ops = Ops(token=OPS_TOKEN)
            ops.routes |= operations.routes(deployment, [CopyFolder(TASKS)])
            client = Client(ops)
            headers = {"Authorization": f"Bearer {OPS_TOKEN}"}
            yield lambda method, path, body=None: client.open(
                f"/internal/{path}", method=method, json=body, headers=headers
            )

    def park(self, spine, consumer="support.on.x", *, event_id=None, cause="ValueError"):
        parked_id = ids.new()
        f.rows(
            spine.url,
            "insert into parked (id, consumer, event_id, type, body, cause, detail, attempts,"
            " parked_at, next_try_at) values (%s, %s, %s, 'x', 'body', %s, 'why', 5, now(), null)",
            parked_id,
            consumer,
            event_id,
            cause,
        )
        if event_id:
            f.rows(
                spine.url,
                "insert into inbox values (%s, %s, 'parked', now())",
                consumer,
                event_id,
            )
        return str(parked_id)

    def test_list_and_show_what_is_parked(self, spine, ask):
        parked_id = self.park(spine)

        (listed,) = ask("GET", "parked").json["items"]
        shown = ask("GET", f"parked?id={parked_id}").json["item"]

        assert (listed["id"], listed["cause"], listed["attempts"]) == (parked_id, "ValueError", 5)
        assert (shown["body"], shown["state"]) == ("body", "waiting")
        assert ask("GET", f"parked?id={ids.new()}").status_code == 404
        assert ask("GET", "parked?state=done").json["items"] == []

    @pytest.mark.parametrize("which", ["ids", "cause", "all"])
    def test_retry_what_is_chosen(self, spine, ask, which):
        parked_id = self.park(spine)
        self.park(spine, cause="other")
        chosen = {
            "ids": {"ids": [parked_id]},
            "cause": {"cause": "ValueError"},
            "all": {"all": True},
        }

        done = ask("POST", "parked", {"action": "retry", "actor": "user:ann", **chosen[which]})

        due = f.scalar(spine.url, "select count(*) from parked where next_try_at <= now()")
        assert done.json["messages"] == due == (2 if which == "all" else 1)

    def test_discard_with_a_reason_and_say_how_many(self, spine, ask):
        event_id = ids.new()
        self.park(spine, event_id=event_id)
        self.park(spine, "support.copy.task")
        order = {"action": "discard", "all": True, "actor": "user:ann", "reason": "test data"}

        done = ask("POST", "parked", order)

        assert done.json == {"action": "discard", "messages": 2}
        assert f.rows(spine.url, "select state from inbox") == [("discarded",)]
        assert f.rows(spine.url, "select distinct state, decided_by, reason from parked") == [
            ("discarded", "user:ann", "test data")
        ]

    @pytest.mark.parametrize(
        "order",
        [
            {"action": "discard", "all": True},
            {"action": "discard", "all": True, "reason": "  "},
            {"action": "explode"},
            {"action": "retry", "ids": ["nonsense"]},
            {},
        ],
    )
    def test_refuse_an_order_without_a_reason_or_sense(self, spine, ask, order):
        self.park(spine)

        assert ask("POST", "parked", order).status_code == 400
        assert f.rows(spine.url, "select state from parked") == [("waiting",)]

    def test_tell_depth_parked_and_watermarks(self, spine, ask):
        tell(spine, "unsent")
        self.park(spine)
        f.rows(spine.url, "insert into watermark values ('sales', now())")

        found = ask("GET", "status").json

        assert (found["outbox_depth"], bool(found["outbox_oldest_at"])) == (1, True)
        assert found["parked"] == [
            {"consumer": "support.on.x", "cause": "ValueError", "messages": 1}
        ]
        assert list(found["watermarks"]) == ["sales"]

    def test_verify_and_resync_the_copies(self, spine, ask):
        tell(spine, "missing")
        f.rows(
            spine.url,
            "insert into task_copy (id, version, first_seen_at) values"
            " (gen_random_uuid(), 0, now() - interval '11 minutes')",
        )

        before = ask("GET", "verify").json
        filled = ask("POST", "resync").json
        after = ask("GET", "verify").json

        assert (before["differences"], before["overdue_placeholders"]) == (1, 1)
        assert filled == {"read": 1, "ghosts_removed": 0}
        assert (after["differences"], after["items"]) == (0, [])
        assert ask("GET", "resync").status_code == 405
