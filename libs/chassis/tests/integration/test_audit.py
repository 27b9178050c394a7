"""The audit trail: a row with each change, a chain that names what was changed later, reads in sets."""

import threading
from datetime import timedelta

import orjson
import psycopg
import pytest
from libs.chassis.tests import factories as f
from libs.chassis.tests.web_app import Api, an_app
from sqlalchemy.exc import OperationalError
from werkzeug.test import Client

from crm_chassis import audit, clock, db, ids, operations
from crm_chassis.audit import chain, sealing
from crm_chassis.metrics import Ops
from crm_chassis.relay import Relay
from crm_chassis.testing import OPS_TOKEN, wait_until

pytestmark = pytest.mark.integration
ORIGIN = db.Origin(
    credential="session:1", address="192.0.2.7", agent="Browser/1.0", request_id="request-1"
)
ANN = db.Context(actor="user:ann", origin=ORIGIN)


def created(spine, context=ANN, **fields):
    with db.transaction(spine.sessions, context) as session:
        return f.create_task(session, f.CreateTask(**{"title": "Call", **fields}), now=f.NOON)


def renamed(spine, task, title, context=ANN):
    with db.transaction(spine.sessions, context) as session:
        return f.rename_task(
            session,
            f.RenameTask(task_id=task.id, title=title, expected_version=task.version),
            now=f.NOON,
        )


def noted(spine, action="session.started", **fields):
    with db.transaction(spine.sessions, ANN) as session:
        audit.note(session, action, now=clock.now(), **fields)


@pytest.fixture
def connection(spine):
    with psycopg.connect(spine.url, autocommit=True) as opened:
        yield opened


@pytest.fixture
def sealed(connection):
    """`sealed()` seals all there is; other tests' transactions may hold it up for a moment."""

    def all_of_it():
        work = audit.Sealing()

        def done():
            work._due = 0.0
            work.run(connection)
            return audit.head(connection)["unsealed"] == 0

        wait_until(done, 60, what="everything sealed")

    return all_of_it


@pytest.fixture
def tampering(connection):
    """`tampering(statement)` does what only somebody with all power over the database can."""

    def do(statement, *values):
        connection.execute("set session_replication_role = replica")
        assert connection.execute(statement, values).rowcount == 1
        connection.execute("set session_replication_role = origin")

    return do


class TestChange:
    def test_says_who_what_when_and_from_where(self, spine):
        before = clock.now()
        task = created(spine)

        row = f.rows(
            spine.url,
            "select actor, on_behalf_of, credential, address, agent, request_id, source, action, kind,"
            " object_id, version, fields, at from audit",
        )[0]

        assert row[:11] == (
            "user:ann", None, "session:1", "192.0.2.7", "Browser/1.0", "request-1", "api",
            "task.created", "task", task.id, 1,
        )  # fmt: skip
        assert "title" in row[11]
        assert before <= row[12] <= clock.now()

    def test_has_one_row_for_each_fact_one_or_many_in_a_transaction(self, spine):
        task = created(spine)
        renamed(spine, task, "Write")
        with db.transaction(spine.sessions, db.Context(actor="user:bob", bulk=True)) as session:
            for number in range(3):
                f.create_task(session, f.CreateTask(title=f"No {number}"), now=f.NOON)

        facts = "select id, subject, subject_version from outbox order by id"
        rows = "select id, object_id, version from audit order by id"
        assert f.rows(spine.url, facts) == f.rows(spine.url, rows)
        assert f.scalar(spine.url, "select count(*) from audit") == 5

    def test_is_there_with_the_change_or_not_at_all(self, spine):
        with (
            pytest.raises(RuntimeError, match="no"),
            db.transaction(spine.sessions, ANN) as session,
        ):
            f.create_task(session, f.CreateTask(title="Call"), now=f.NOON)
            noted_too = audit.note(session, "session.started", now=f.NOON)
            raise RuntimeError(f"no {noted_too}")

        assert f.scalar(spine.url, "select count(*) from audit") == 0

    def test_of_a_reaction_names_who_caused_it_and_its_first_request(self, spine):
        cause = ids.new()
        context = db.Context(
            actor="service:sales", on_behalf_of="user:bob", correlation_id=cause, source="event"
        )

        created(spine, context)

        row = f.rows(spine.url, "select actor, on_behalf_of, request_id, address from audit")
        assert row == [("service:sales", "user:bob", str(cause), None)]

    def test_over_http_is_from_where_the_edge_says(self, spine):
        api = Api(an_app(spine.sessions))
        where = {
            "X_CRM_Address": "198.51.100.4",
            "User_Agent": "x" * 500,
            "X_Request_Id": "r-000001",
        }

        assert api("POST", "/v1/tasks", {"title": "Call"}, **where).status_code == 201

        row = f.rows(spine.url, "select address, agent, request_id from audit")[0]
        assert row == ("198.51.100.4", "x" * 200, "r-000001")

    @pytest.mark.parametrize("statement", ["update audit set actor = 'eve'", "delete from audit"])
    def test_stays_as_it_is(self, spine, statement):
        created(spine)

        with pytest.raises(psycopg.errors.RestrictViolation):
            f.rows(spine.url, statement)


class TestSealing:
    def test_links_rows_in_the_order_of_seq(self, spine, connection, sealed):
        for _ in range(3):
            created(spine)

        sealed()

        rows = connection.execute(
            "select s.seq, s.hash, s.digest from audit_seal s join audit a using (seq) order by seq"
        ).fetchall()
        before = chain.START
        for seq, hash_, digest in rows:
            before = chain.link(before, seq, None, digest)
            assert hash_ == before
        assert len(rows) == 3

    def test_skips_nothing_that_is_committed_late(self, spine, connection):
        """What took its number first and ends last is sealed first, and waited for."""
        work = audit.Sealing()
        with psycopg.connect(spine.url) as late:
            audit.write(late, [audit.Entry(action="session.started", actor="a", at=f.NOON)])
            noted(spine)
            for _ in range(3):
                work._due = 0.0
                assert work.run(connection) == 0
            late.commit()

        def done():
            work._due = 0.0
            work.run(connection)
            return audit.head(connection)["unsealed"] == 0

        wait_until(done, 60)
        assert f.rows(spine.url, "select seq from audit_seal order by seq") == [(1,), (2,)]
        assert audit.verify(connection)["broken"] is None

    def test_is_not_held_up_by_a_number_that_was_rolled_back(self, spine, connection, sealed):
        with psycopg.connect(spine.url) as given_up:
            audit.write(given_up, [audit.Entry(action="session.started", actor="a", at=f.NOON)])
            given_up.rollback()
        noted(spine)

        sealed()

        assert f.rows(spine.url, "select seq from audit_seal") == [(2,)]

    def test_goes_on_where_another_stopped_and_never_twice(self, spine, connection, monkeypatch):
        monkeypatch.setattr(sealing, "AT_ONCE", 2)
        for _ in range(5):
            noted(spine)

        assert [sealing.seal(connection, until=5) for _ in range(4)] == [2, 2, 1, 0]
        assert audit.verify(connection) | {"head": None} == {
            "sealed": 5, "values_erased": 0, "forgotten": 0, "unsealed": 0, "broken": None,
            "head": None,
        }  # fmt: skip

    def test_is_what_the_leading_relay_does(self, spine, connection, vhost):
        created(spine)
        relay, stop = (
            Relay("contacts", database_url=spine.url, amqp_url=vhost().url),
            threading.Event(),
        )
        thread = threading.Thread(target=relay.run, args=(stop,))
        thread.start()

        wait_until(lambda: audit.head(connection)["seq"] == 1, 60)
        noted(spine)
        wait_until(lambda: audit.head(connection)["seq"] == 2, 60)

        stop.set()
        thread.join(20)


class TestVerify:
    @pytest.fixture
    def kept(self, spine, sealed):
        """Three sealed rows: a change, another, a sign-in."""
        task = created(spine)
        renamed(spine, task, "Write")
        noted(spine, object_id=task.id)
        sealed()
        return task

    def test_finds_nothing_where_nothing_was_done(self, kept, connection):
        found = audit.verify(connection)

        assert found["broken"] is None
        assert (found["sealed"], found["head"]["seq"]) == (3, 3)

    @pytest.mark.parametrize(
        ("statement", "why", "seq"),
        [
            ("update audit set actor = 'user:eve' where seq = 2", "was changed", 2),
            ("update audit set at = at - interval '1 second' where seq = 1", "was changed", 1),
            ("update audit set address = null where seq = 3", "was changed", 3),
            ("update audit set detail = '{\"a\": 1}' where seq = 3", "was changed", 3),
            ("update audit set expires_at = now() where seq = 3", "was changed", 3),
            ("delete from audit where seq = 2", "is missing", 2),
            ("delete from audit_seal where seq = 2", "has no seal", 2),
            ("update audit_seal set hash = digest where seq = 1", "its seal does not continue the chain", 1),
            ("update audit_seal set expires_at = now() where seq = 2", "its seal does not continue the chain", 2),
            ("update history_value set new = '{}' where fact_id = (select id from audit where seq = 2)",
             "its values were changed", 2),
        ],
    )  # fmt: skip
    def test_names_the_first_row_that_is_not_as_sealed(
        self, kept, connection, tampering, statement, why, seq
    ):
        tampering(statement)

        assert (audit.verify(connection)["broken"] or {}).get("why") == why
        assert audit.verify(connection)["broken"]["seq"] == seq

    def test_finds_a_row_put_between(self, kept, connection, spine, sealed):
        with psycopg.connect(spine.url) as given_up:
            audit.write(given_up, [audit.Entry(action="session.started", actor="a", at=f.NOON)])
            given_up.rollback()
        noted(spine)
        sealed()
        connection.execute(
            "insert into audit (seq, id, at, actor, source, action) overriding system value"
            " values (4, gen_random_uuid(), now(), 'user:eve', 'api', 'session.started')"
        )

        assert audit.verify(connection)["broken"]["why"] == "has no seal"

    def test_a_chain_made_anew_differs_from_a_head_kept_elsewhere(
        self, kept, connection, tampering, sealed
    ):
        head = audit.head(connection)
        tampering("update audit set actor = 'user:eve' where seq = 2")
        connection.execute("truncate audit_seal")
        sealed()

        assert audit.verify(connection)["broken"] is None
        assert audit.head(connection, seq=head["seq"])["hash"] != head["hash"]

    def test_holds_after_values_were_erased(self, kept, connection):
        connection.execute("delete from history_value where record_id = %s", (kept.id,))

        found = audit.verify(connection)

        assert (found["broken"], found["values_erased"]) == (None, 2)

    def test_reads_more_than_fits_in_one_page(self, kept, connection, spine, sealed, monkeypatch):
        from crm_chassis.audit import verifying

        monkeypatch.setattr(verifying, "AT_ONCE", 2)
        for _ in range(4):
            noted(spine)
        sealed()

        assert audit.verify(connection)["sealed"] == 7

    def test_is_asked_on_the_ops_port(self, kept, spine, tampering):
        ops = Ops(token=OPS_TOKEN)
        deployment = a_deployment(spine.url)
        ops.routes |= operations.routes(deployment, [])
        client, headers = Client(ops), {"Authorization": f"Bearer {OPS_TOKEN}"}
        tampering("delete from audit where seq = 2")

        found = client.post("/internal/audit/verify", headers=headers).json
        head = client.get("/internal/audit/head?seq=3", headers=headers).json

        assert (found["broken"]["seq"], found["broken"]["why"]) == (2, "is missing")
        assert (head["seq"], len(head["hash"])) == (3, 64)


class TestKeeping:
    def passing(self, spine, *, until):
        with db.transaction(spine.sessions, ANN) as session:
            entry = audit.Entry(
                action="customer.read", actor="user:ann", at=f.NOON, expires_at=until
            )
            audit.write(db.cursor(session), [entry])

    def test_what_was_for_a_time_goes_and_the_chain_holds(self, spine, connection, sealed):
        noted(spine)
        self.passing(spine, until=clock.now() - timedelta(seconds=1))
        self.passing(spine, until=clock.now() + timedelta(days=1))
        assert audit.forget(connection, now=clock.now()) == 0
        sealed()

        assert audit.forget(connection, now=clock.now()) == 1

        found = audit.verify(connection)
        assert (found["broken"], found["forgotten"], found["sealed"]) == (None, 1, 3)
        assert f.rows(spine.url, "select seq from audit order by seq") == [(1,), (3,)]

    def test_not_before_its_time_nor_what_is_kept_for_ever(self, spine, connection, sealed):
        self.passing(spine, until=clock.now() + timedelta(days=1))
        sealed()

        assert audit.forget(connection, now=clock.now() + timedelta(days=9)) == 0
        with pytest.raises(psycopg.errors.RestrictViolation):
            connection.execute("delete from audit")


class TestOperators:
    def test_what_they_decide_of_a_parked_message_is_noted(self, spine):
        ops, parked_id = Ops(token=OPS_TOKEN), ids.new()
        ops.routes |= operations.routes(a_deployment(spine.url), [])
        f.rows(
            spine.url,
            "insert into parked (id, consumer, body, cause, detail, attempts, parked_at)"
            " values (%s, 'support.on.x', 'body', 'ValueError', 'why', 5, now())",
            parked_id,
        )

        Client(ops).post(
            "/internal/parked",
            json={"action": "discard", "ids": [str(parked_id)], "reason": "nonsense"},
            headers={"Authorization": f"Bearer {OPS_TOKEN}", "X-CRM-Operator": "operator:ann"},
        )

        row = f.rows(spine.url, "select actor, action, kind, object_id, source from audit")
        assert row == [("operator:ann", "parked.discard", "parked", parked_id, "operator")]


class TestLooks:
    @pytest.fixture
    def looks(self, spine):
        made = audit.Looks(spine.sessions, service="gateway", most=3)
        made._start = lambda: None
        return made

    def look(self, actor="user:ann", object_id=None, address="192.0.2.1"):
        return audit.Entry(
            action="customer.read", actor=actor, at=clock.now(), object_id=object_id or ids.new(),
            origin=db.Origin(address=address),
        )  # fmt: skip

    def count(self, spine):
        return f.scalar(spine.url, "select count(*) from audit")

    def test_are_written_in_a_set(self, spine, looks):
        for _ in range(3):
            looks.note(self.look())
        assert self.count(spine) == 0

        looks.flush()

        assert self.count(spine) == 3
        assert f.scalar(spine.url, "select count(distinct xid::text) from audit") == 1

    def test_of_the_same_person_at_the_same_thing_are_one_for_a_while(self, spine, looks):
        page = ids.new()
        for actor, address in [
            ("user:ann", "a"),
            ("user:ann", "a"),
            ("user:bob", "a"),
            ("user:ann", "b"),
        ]:
            looks.note(self.look(actor, page, address))

        looks.flush()
        looks._seen.clear()
        looks.note(self.look("user:ann", page, "a"))
        looks.flush()

        assert self.count(spine) == 4

    def test_are_written_by_the_reader_when_too_many_wait(self, spine, looks):
        for _ in range(4):
            looks.note(self.look())

        assert self.count(spine) == 3

    def test_wait_while_the_database_is_away_and_are_refused_when_full(self, spine, looks):
        away = db.sessions(db.engine("postgresql://nobody@127.0.0.1:9/none", pool_size=1))
        looks._sessions = away
        for _ in range(3):
            looks.note(self.look())
        with pytest.raises(OperationalError):
            looks.note(self.look())

        looks._sessions = spine.sessions
        looks.close()

        assert self.count(spine) == 3

    def test_a_thread_writes_within_a_second_or_so(self, spine):
        looks = audit.Looks(spine.sessions, service="gateway")
        looks.note(self.look())

        wait_until(lambda: self.count(spine) == 1, 10)
        looks.close()


class TestAsking:
    def test_gives_newest_first_by_object_person_kind_action_and_time(self, spine, connection):
        task = created(spine)
        renamed(spine, task, "Write", db.Context(actor="service:x", on_behalf_of="user:bob"))
        noted(spine, "sign_in.failed")

        def found(**given):
            rows = audit.page(connection, audit.Filters.of_query(audit.Filters(**given).query()))
            return [row["action"] for row in rows]

        assert found() == ["sign_in.failed", "task.updated", "task.created"]
        assert found(limit=1) == ["sign_in.failed"]
        assert found(object_id=task.id) == ["task.updated", "task.created"]
        assert found(person="user:bob") == ["task.updated"]
        assert found(kind="sign_in") == found(action="sign_in.failed") == ["sign_in.failed"]
        assert found(since=clock.now()) == found(until=f.NOON) == []

    def test_goes_on_behind_a_place(self, spine, connection):
        for _ in range(3):
            noted(spine)
        rows = audit.page(connection, audit.Filters(limit=1))
        place = {"before": rows[0]["at"], "before_seq": rows[0]["seq"]}

        assert [row["seq"] for row in audit.page(connection, audit.Filters(**place))] == [2, 1]

    def test_tells_values_before_and_after(self, spine, connection):
        renamed(spine, created(spine, title="Call"), "Write")

        row = audit.page(connection, audit.Filters(limit=1))[0]

        told = orjson.loads(orjson.dumps([row["old"], row["new"]]))
        assert told == [{"title": "Call"}, {"title": "Write"}]


def a_deployment(url):
    from libs.chassis.tests.integration.test_operations import deployment_of

    return deployment_of(url, {})
