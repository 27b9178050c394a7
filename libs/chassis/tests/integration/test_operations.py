"""What operators ask of a service on its ops port, and what it keeps of their decisions."""

import sys
import threading

import orjson
import pytest
from libs.chassis.tests import factories as f
from libs.chassis.tests.integration.test_project import COPY, TASKS
from libs.chassis.tests.integration.test_records import tell
from werkzeug.test import Client

from crm_chassis import clock, ids, inbox, operations, records
from crm_chassis.metrics import Ops
from crm_chassis.project import CopyFolder
from crm_chassis.records import PeerAway
from crm_chassis.settings import Deployment
from crm_chassis.testing import OPS_TOKEN, wait_until
from crm_contracts import contacts, encode

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def _hasty(monkeypatch):
    module = sys.modules[records.verify.__module__]
    monkeypatch.setattr(module, "_BETWEEN_LOOKS_SECONDS", 0.01)


@pytest.fixture
def kept(spine):
    f.rows(spine.url, COPY)


class TestOperations:
    @pytest.fixture
    def ask(self, spine, kept):
        with f.peer(spine.url) as addresses:
            deployment = deployment_of(spine.url, addresses)
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

        assert (done.json["action"], done.json["messages"]) == ("discard", 2)
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
        progress = ask("GET", "resync").json
        assert (progress["state"], progress["done"], progress["total"]) == ("done", 1, 1)
        assert progress["result"] == filled

    def test_run_long_work_once_at_a_time_and_tell_how_far_it_is(self):
        going, client = threading.Event(), Client(Ops(token=OPS_TOKEN))
        headers = {"Authorization": f"Bearer {OPS_TOKEN}", "X-CRM-Operator": "operator:ann"}

        def work(progress, actor):
            progress.expect(3)
            progress.reach("first", 1)
            going.wait(10)
            return {"for": actor}

        client.application.routes["/internal/long"] = operations.Job("long", work)
        never = client.get("/internal/long", headers=headers).json
        begun = client.post("/internal/long?background=true", headers=headers)
        second = client.post("/internal/long", headers=headers)
        wait_until(lambda: client.get("/internal/long", headers=headers).json["done"] == 1)
        going.set()
        ended = wait_until(
            lambda: (
                (found := client.get("/internal/long", headers=headers).json)["ended_at"] and found
            )
        )

        assert never == {"state": "never ran"}
        assert (begun.status_code, second.status_code) == (202, 409)
        assert (ended["state"], ended["result"]) == ("done", {"for": "operator:ann"})

    def test_tell_why_long_work_failed(self):
        def work(_progress, _actor):
            raise PeerAway("sales")

        client = Client(Ops(token=OPS_TOKEN))
        client.application.routes["/internal/long"] = operations.Job("long", work)
        headers = {"Authorization": f"Bearer {OPS_TOKEN}"}

        refused = client.post("/internal/long", headers=headers)

        assert (refused.status_code, refused.json["detail"]) == (503, "PeerAway: sales")
        found = client.get("/internal/long", headers=headers).json
        assert (found["state"], found["fault"]) == ("failed", "PeerAway: sales")

    def test_group_what_is_parked_by_consumer_and_cause(self, spine, ask):
        for cause in ("KeyError", "ValueError", "ValueError"):
            self.park(spine, cause=cause)

        found = ask("GET", "parked?limit=2").json

        groups = [(each["cause"], each["messages"]) for each in found["groups"]]
        assert groups == [("ValueError", 2), ("KeyError", 1)]
        rest = ask("GET", f"parked?after={found['next']}").json
        assert (len(found["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
        assert len(ask("GET", "parked?cause=KeyError").json["items"]) == 1
        assert ask("GET", "parked?consumer=nobody").json["items"] == []

    def test_retry_one_group_only(self, spine, ask):
        self.park(spine, cause="KeyError")
        self.park(spine, "support.on.y", cause="KeyError")
        order = {"action": "retry", "cause": "KeyError", "consumer": "support.on.y"}

        assert ask("POST", "parked", order).json["messages"] == 1
        due = "select consumer from parked where next_try_at is not null"
        assert f.rows(spine.url, due) == [("support.on.y",)]

    def test_keep_who_decided_what_for_ever_and_no_body(self, spine, ask):
        parked_id = self.park(spine)
        for order in (
            {"action": "retry", "ids": [parked_id]},
            {"action": "discard", "ids": [parked_id], "reason": "a test", "actor": "user:ann"},
        ):
            ask("POST", "parked", order)

        kept = ask("GET", "operations").json["items"]

        assert [(each["actor"], each["action"], each["subject"]) for each in kept] == [
            ("user:ann", "parked discard", parked_id),
            ("operator", "parked retry", parked_id),
        ]
        assert kept[0]["detail"] == {
            "reason": "a test", "consumer": "support.on.x", "cause": "ValueError",
        }  # fmt: skip


class TestEdit:
    """An edited copy is tried; the original is kept."""

    @pytest.fixture
    def fact(self):
        return f.a_fact(title="good")

    @pytest.fixture
    def park(self, spine, handler):
        def do(body):
            with spine.sessions() as session, session.begin():
                inbox.give_up(session, handler, body, ValueError("no good"), now=clock.now())
            return str(f.scalar(spine.url, "select id from parked"))

        return do

    @pytest.fixture
    def reacted(self):
        return []

    @pytest.fixture
    def handler(self, reacted):
        def react(_session, fact, _now):
            if fact.record.title == "bad":
                raise ValueError("no good")
            reacted.append(fact.record.title)

        name = "support.on.contacts.task.completed"
        return inbox.Handler(name=name, service="support", fact=contacts.TaskCompleted, react=react)

    @pytest.fixture
    def post(self, spine):
        ops = Ops(token=OPS_TOKEN)
        ops.routes |= operations.routes(deployment_of(spine.url, {}), [])
        headers = {"Authorization": f"Bearer {OPS_TOKEN}", "X-CRM-Operator": "operator:ann"}
        return lambda order: Client(ops).post("/internal/parked", json=order, headers=headers)

    def edit(self, parked_id, body):
        return {"action": "edit", "ids": [parked_id], "body": body}

    def test_of_a_fact_is_handled_once_and_the_original_stays(
        self, spine, fact, park, post, handler, reacted
    ):
        original = encode(fact).replace(b'"good"', b'"bad"')
        parked_id = park(original)

        done = post(self.edit(parked_id, encode(fact).decode()))
        retried = [inbox.retry_due(spine.sessions, [handler], now=clock.now()) for _ in range(2)]

        assert (done.json["messages"], retried, reacted) == (1, [1, 0], ["good"])
        assert bytes(f.scalar(spine.url, "select body from parked")) == original
        assert f.rows(spine.url, "select state from inbox") == [("done",)]
        (kept,) = f.rows(spine.url, "select actor, action, detail from operation")
        assert (kept[0], kept[1], len(kept[2]["sha256"])) == ("operator:ann", "parked edit", 64)
        assert "good" not in str(kept[2])

    def test_of_what_nobody_could_read_is_handled(self, spine, fact, park, post, handler, reacted):
        parked_id = park(b"{nonsense")

        post(self.edit(parked_id, encode(fact).decode()))

        assert inbox.retry_due(spine.sessions, [handler], now=clock.now()) == 1
        assert reacted == ["good"]

    def test_must_be_a_fact_and_keep_its_id(self, fact, park, post):
        parked_id = park(encode(fact))
        other = orjson.loads(encode(fact)) | {"id": str(ids.new())}

        refused = [
            post(self.edit(parked_id, body)).json["detail"]
            for body in ("{", orjson.dumps(other).decode())
        ]

        assert "is no fact" in refused[0]
        assert "keep the fact's id" in refused[1]


def deployment_of(url, peers):
    return Deployment(
        service="support",
        database_url=url,
        amqp_url="",
        http_host="",
        http_port=0,
        ops_host="",
        ops_port=0,
        ops_token=OPS_TOKEN,
        token_keys="",
        signing_key="",
        peers=peers,
        log_level="INFO",
        threads=1,
        drain_seconds=0,
    )
