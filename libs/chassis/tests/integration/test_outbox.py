"""What a change tells: one version, one fact, one record, one line of history, or nothing."""

import json
import uuid
from contextlib import contextmanager

import psycopg
import pytest
from libs.chassis.tests import factories as f
from sqlalchemy.orm.exc import StaleDataError

from crm_chassis import db, ids, outbox
from crm_chassis.problems import RecordTooLarge

pytestmark = pytest.mark.integration
ANN = db.Context(actor="user:ann")


def created(spine, **fields):
    with db.transaction(spine.sessions, ANN) as session:
        return f.create_task(session, f.CreateTask(**{"title": "Call", **fields}), now=f.NOON)


def renamed(spine, task, title):
    with db.transaction(spine.sessions, ANN) as session:
        command = f.RenameTask(task_id=task.id, title=title, expected_version=task.version)
        return f.rename_task(session, command, now=f.NOON)


@contextmanager
def refused(spine, error, why=None):
    """Yield the session of a transaction that must end with this error."""
    with pytest.raises(error, match=why), db.transaction(spine.sessions, ANN) as session:
        yield session


def facts(spine):
    return f.rows(spine.url, "select type, subject_version from outbox order by seq")


class TestOneChange:
    def test_is_one_version_one_row_one_record_one_history_row(self, spine):
        task = created(spine)

        assert task.version == 1
        assert facts(spine) == [("contacts.task.created.v1", 1)]
        assert f.rows(spine.url, "select kind, version from record") == [("task", 1)]
        assert f.rows(spine.url, "select version, actor, source from history") == [
            (1, "user:ann", "api")
        ]

    def test_raises_the_version_by_one_each_time(self, spine):
        task = created(spine)
        task = renamed(spine, task, "Call twice")
        task = renamed(spine, task, "Call thrice")

        assert task.version == 3
        assert [version for _, version in facts(spine)] == [1, 2, 3]
        assert f.rows(spine.url, "select version from record") == [(3,)]
        assert f.scalar(spine.url, "select count(*) from history") == 3

    def test_names_what_changed_and_keeps_old_and_new(self, spine):
        task = renamed(spine, created(spine, title="Call"), "Write")

        fact = json.loads(f.scalar(spine.url, "select body from outbox order by seq desc limit 1"))
        values = f.rows(spine.url, "select old, new from history_value order by fact_id desc")

        assert fact["data"]["changed"] == ["title"]
        assert fact["subjectversion"] == task.version
        assert values[0] == ({"title": "Call"}, {"title": "Write"})

    def test_publishes_the_same_bytes_as_record_and_in_the_fact(self, spine):
        created(spine, title='Grüße, 東京 \\ "quoted"')

        fact, record = f.rows(
            spine.url, "select o.body, r.body from outbox o join record r on r.id = o.subject"
        )[0]

        assert f'"record":{record},' in fact

    def test_puts_a_titled_fact_of_a_customer_on_the_timeline(self, spine):
        customer = ids.new()
        created(spine, customer_id=customer)

        found = f.rows(
            spine.url, "select customer_ids, version from record where kind = 'timeline'"
        )
        linked = f.scalar(spine.url, "select customer_ids from record where kind = 'task'")

        assert found == [([customer], 1)]
        assert linked == [customer]

    def test_carries_its_context_into_the_fact(self, spine):
        cause = ids.new()
        context = db.Context(
            actor="service:sales", on_behalf_of="user:bob", causation_id=cause, hops=3, bulk=True
        )

        with db.transaction(spine.sessions, context) as session:
            f.create_task(session, f.CreateTask(title="Call"), now=f.NOON)

        body, bulk = f.rows(spine.url, "select body, bulk from outbox")[0]
        fact = json.loads(body)
        assert bulk
        assert (fact["actor"], fact["onbehalfof"]) == ("service:sales", "user:bob")
        assert (fact["causationid"], fact["hops"]) == (str(cause), 3)


class TestVerb:
    def test_is_the_most_specific_of_a_transaction(self, spine):
        task = created(spine)

        with db.transaction(spine.sessions, ANN) as session:
            f.complete_task(session, f.CompleteTask(task_id=task.id), now=f.NOON)
            f.rename_task(
                session, f.RenameTask(task_id=task.id, title="x", expected_version=2), now=f.NOON
            )

        assert facts(spine)[1:] == [("contacts.task.completed.v1", 2)]

    def test_is_created_whatever_else_happens_to_a_new_one(self, spine):
        with db.transaction(spine.sessions, ANN) as session:
            task = f.create_task(session, f.CreateTask(title="Call"), now=f.NOON)
            task.status = "done"
            outbox.add(session, f.task_completed, task, at=f.NOON)

        assert facts(spine) == [("contacts.task.created.v1", 1)]
        assert '"status":"done"' in f.scalar(spine.url, "select body from record")

    def test_tells_in_the_order_of_first_mention(self, spine):
        with db.transaction(spine.sessions, ANN) as session:
            made = [
                f.create_task(session, f.CreateTask(title=str(n)), now=f.NOON) for n in range(20)
            ]

        found = f.rows(spine.url, "select subject from outbox order by seq")

        assert found == [(task.id,) for task in made]


class TestSilence:
    def test_of_a_new_aggregate_is_refused(self, spine):
        with refused(spine, RuntimeError, "without telling") as session:
            session.add(f.Task(title="Call"))

        assert f.rows(spine.url, "select from task") == []

    def test_of_a_change_is_refused(self, spine):
        task = created(spine)

        with refused(spine, RuntimeError, "without telling") as session:
            f.task_for_update(session, task.id).title = "Changed in secret"

        assert f.scalar(spine.url, "select title from task") == "Call"

    def test_of_a_change_after_the_fact_was_built_is_refused(self, spine):
        with refused(spine, RuntimeError, "without telling") as session:
            task = f.create_task(session, f.CreateTask(title="Call"), now=f.NOON)
            outbox.settle(session)
            task.title = "Changed in secret"

        assert facts(spine) == []

    def test_of_a_removal_is_refused(self, spine):
        task = created(spine)

        with refused(spine, RuntimeError, "without telling") as session:
            session.delete(f.task_for_update(session, task.id))

        assert f.scalar(spine.url, "select count(*) from task") == 1


class TestRollback:
    def test_leaves_nothing(self, spine):
        with refused(spine, ZeroDivisionError) as session:
            f.create_task(session, f.CreateTask(title="Call"), now=f.NOON)
            outbox.settle(session)
            raise ZeroDivisionError

        for table in ("task", "outbox", "record", "history", "history_value"):
            assert f.rows(spine.url, f"select from {table}") == [], table

    def test_of_a_savepoint_forgets_only_what_was_said_in_it(self, spine):
        task = created(spine)

        with db.transaction(spine.sessions, ANN) as session:
            f.create_task(session, f.CreateTask(title="kept"), now=f.NOON)
            f.rename_task(
                session, f.RenameTask(task_id=task.id, title="kept", expected_version=1), now=f.NOON
            )
            before, savepoint = outbox.touched(session), session.begin_nested()
            f.create_task(session, f.CreateTask(title="forgotten"), now=f.NOON)
            f.complete_task(session, f.CompleteTask(task_id=task.id), now=f.NOON)
            savepoint.rollback()
            outbox.restore(session, before)

        assert facts(spine)[1:] == [
            ("contacts.task.created.v1", 1),
            ("contacts.task.updated.v1", 2),
        ]
        assert f.rows(spine.url, "select title, status from task order by id") == [
            ("kept", "open"),
            ("kept", "open"),
        ]


class TestSize:
    def test_over_64_kilobytes_is_refused_and_leaves_nothing(self, spine):
        with pytest.raises(RecordTooLarge):
            created(spine, title="x" * 65_536)

        assert f.rows(spine.url, "select from task") == []

    def test_just_under_64_kilobytes_is_told(self, spine):
        created(spine, title="x" * 64_000)

        assert len(facts(spine)) == 1


class TestLostUpdate:
    def test_is_refused_where_a_lock_was_forgotten(self, spine):
        task = created(spine)

        with refused(spine, StaleDataError) as session:
            mine = session.get(f.Task, task.id)
            renamed(spine, task, "theirs")
            mine.title = "mine"
            outbox.add(session, f.task_updated, mine, at=f.NOON)

        assert f.scalar(spine.url, "select title from task") == "theirs"


class TestNotification:
    @pytest.mark.parametrize("idle", [True, False])
    def test_is_sent_only_while_the_relay_sleeps(self, spine, idle):
        f.rows(spine.url, "update relay_state set idle = %s", idle)
        with psycopg.connect(spine.url, autocommit=True) as listening:
            listening.execute("listen outbox")

            created(spine)

            heard = list(listening.notifies(timeout=0.3, stop_after=1))
        assert idle == bool(heard)


class TestPublished:
    def test_is_the_stored_record_where_nothing_was_told(self, spine):
        task = created(spine)

        with db.transaction(spine.sessions, ANN) as session:
            kept = session.get(f.Task, task.id)
            body = outbox.published(session, kept)

        assert uuid.UUID(json.loads(body)["id"]) == task.id
        assert body.decode() == f.scalar(spine.url, "select body from record")
