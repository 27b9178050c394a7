"""What others fill and check their copies from, and the difference that is found."""

import sys
import threading

import psycopg
import pytest
from libs.chassis.tests import factories as f
from libs.chassis.tests.integration.test_project import COPY, TASKS

from crm_chassis import db, ids, records
from crm_chassis.project import CopyFolder
from crm_chassis.records import PeerAway, Peers
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
        of_customer, as_of = peers.of_customers(
            "contacts", ["task", "timeline"], [ids.new(), customer], timeout=5
        )

        assert {item.id for item in by_id} == {mine.id, *(task.id for task in others)}
        assert {item.kind for item in of_customer} == {"task", "timeline"}
        assert as_of
        assert peers.numbers("contacts", [customer], timeout=5) == {"task": 1}

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

    def test_come_in_the_order_of_numbers_not_of_digits(self, spine, peers, monkeypatch):
        monkeypatch.setattr("crm_chassis.records.server.LARGEST_PAGE", 3)
        facts = [f.a_fact() for _ in range(10)]
        f.store_facts(spine.url, facts)
        with psycopg.connect(spine.url) as connection:
            for number, fact in enumerate(facts, start=6):
                connection.execute(
                    "update outbox set xid = %s::text::xid8 where id = %s", [number, fact.id]
                )

        found, _ = self.all_facts(peers)

        assert found == [fact.id for fact in facts]

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
