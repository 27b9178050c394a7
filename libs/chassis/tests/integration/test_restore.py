"""A database that came back from a backup: versions above all that were told, everything told again."""

from dataclasses import replace

import orjson
import psycopg
import pytest
from libs.chassis.tests import factories as f

from crm_chassis import db, ids, inbox
from crm_chassis.operations import Progress, restore
from crm_chassis.records import Peers
from crm_chassis.testing import OPS_TOKEN, wait_until
from crm_contracts import contacts, decode, encode, timeline_entry

pytestmark = pytest.mark.integration
FACTS = ["contacts.task.created.v1", "contacts.task.completed.v1"]


@pytest.fixture
def tell(spine):
    def write(*titles, **fields):
        with db.transaction(spine.sessions, db.Context(actor="user:ann")) as session:
            return [
                f.create_task(session, f.CreateTask(title=title, **fields), now=f.NOON)
                for title in titles
            ]

    return write


@pytest.fixture
def bump(spine):
    def lift():
        progress = Progress()
        done = restore.restore_bump(spine.url, "contacts", actor="operator:ann", progress=progress)
        return done["lift"], done["records"], progress

    return lift


def records_of(spine, kind="task"):
    return f.rows(
        spine.url, "select version, body::jsonb from record where kind = %s order by id", kind
    )


class TestLift:
    def test_raises_aggregate_record_and_body_to_one_version(self, spine, tell, bump, monkeypatch):
        monkeypatch.setattr(restore, "AT_ONCE", 2)
        tell(*"abcde")
        before = [body for _, body in records_of(spine)]

        lift, number, progress = bump()

        assert (number, progress.done, progress.total) == (5, 5, 5)
        assert f.rows(spine.url, "select distinct version from task") == [(lift,)]
        assert records_of(spine) == [(lift, body | {"version": lift}) for body in before]

    def test_tells_each_record_once_in_bulk_as_restated(self, spine, tell, bump):
        told = tell("a", "b")

        lift, _, _ = bump()

        bodies = f.rows(spine.url, "select body from outbox where bulk order by seq")
        facts = [decode(body.encode()) for (body,) in bodies]
        assert sorted(fact.subject for fact in facts) == sorted(task.id for task in told)
        assert {(fact.type, fact.subject_version, fact.restated) for fact in facts} == {
            ("contacts.task.updated.v1", lift, True)
        }
        assert {fact.time for fact in facts} == {f.NOON}

    def test_leaves_no_line_on_a_timeline_and_history_without_a_change(self, spine, tell, bump):
        tell("a", customer_id=ids.new())
        lines = records_of(spine, "timeline")

        lift, _, _ = bump()

        assert records_of(spine, "timeline") == lines != []
        last = "select version, source, fields from history order by seq desc limit 1"
        assert f.rows(spine.url, last) == [(lift, "restore", [])]

    def test_is_followed_by_ordinary_versions(self, spine, tell, bump):
        (task,) = tell("a")
        lift, _, _ = bump()

        with db.transaction(spine.sessions, db.Context(actor="user:ann")) as session:
            order = f.RenameTask(task_id=task.id, title="b", expected_version=lift)
            f.rename_task(session, order, now=f.NOON)

        assert records_of(spine)[0][0] == lift + 1

    def test_of_the_same_backup_again_is_higher_than_all_told_since(self, spine, tell, bump):
        tell("a")
        first, _, _ = bump()
        f.rows(spine.url, "truncate restoration")
        f.rows(spine.url, "update record set version = 1; update task set version = 1")

        again, number, _ = bump()

        assert (number, again > first) == (1, True)

    def test_cut_short_is_resumed_with_the_same_lift(self, spine, tell, bump):
        tell("a", "b", "c")
        f.rows(
            spine.url,
            "insert into restoration (lift, actor, began_at, records)"
            " values (1000, 'operator:ann', now(), 3)",
        )
        f.rows(spine.url, "update record set version = 1000 where body like '%\"a\"%'")

        lift, number, progress = bump()

        assert (lift, number, progress.total) == (1000, 2, 2)
        assert f.rows(spine.url, "select distinct version from record") == [(1000,)]
        assert (
            f.scalar(spine.url, "select count(*) from restoration where finished_at is null") == 0
        )

    def test_again_raises_what_was_made_since_to_the_same_version(self, spine, tell, bump):
        tell("a")
        lift, _, _ = bump()
        (made,) = tell("b")

        done = restore.bump_again(spine.url, "contacts", actor="operator:ann", progress=Progress())

        assert {"lift": lift, "records": 1} == done
        assert [(lift,)] == f.rows(spine.url, "select distinct version from record")
        newest = "select subject from outbox where bulk order by seq desc limit 1"
        assert [(made.id,)] == f.rows(spine.url, newest)

    def test_again_without_a_restoration_raises_nothing(self, spine, tell):
        tell("a")

        done = restore.bump_again(spine.url, "contacts", actor="operator:ann", progress=Progress())

        assert {"lift": 0, "records": 0} == done

    def test_leaves_what_was_erased(self, spine, tell, bump):
        tell("secret")
        f.rows(spine.url, "update record set body = null, erased = true, version = 2")

        assert bump()[1] == 0
        assert f.rows(spine.url, "select version from record") == [(2,)]

    def test_waits_for_a_writer_and_tells_what_it_wrote(self, spine, tell, bump):
        (task,) = tell("a")
        with psycopg.connect(spine.url) as writer:
            writer.execute("select from task where id = %s for update", (task.id,))
            writer.execute("set lock_timeout = '9s'")
            outcome = f.in_thread(bump)
            f.wait_for_lock(spine.url, "task")
            writer.execute("update record set body = replace(body, '\"a\"', '\"b\"')")

        lift = outcome.result(20)[0]

        assert records_of(spine)[0] == (lift, records_of(spine)[0][1] | {"title": "b"})

    def test_is_on_record_for_ever(self, spine, tell, bump):
        tell("a")
        lift, _, _ = bump()

        kept = f.rows(spine.url, "select actor, action, subject, detail from operation")

        assert kept == [("operator:ann", "restore-bump", str(lift), {"records": 1})]
        for change in ("update operation set actor = 'nobody'", "delete from operation"):
            with pytest.raises(psycopg.errors.RestrictViolation):
                f.rows(spine.url, change)


class TestCursor:
    @pytest.fixture
    def read(self, spine):
        with f.peer(spine.url) as addresses:
            peers = Peers(addresses, ops_token=OPS_TOKEN)

            def facts(after):
                found, position, _ = peers.facts(
                    "contacts", FACTS, after=after, since="2020-01-01T00:00:00Z"
                )
                return [decode(body).id for body in found], position

            yield facts

    def test_of_before_a_restoration_starts_anew(self, spine, bump, read):
        f.store_facts(spine.url, [fact := f.a_fact()])
        wait_until(lambda: read("")[0], 60, what="no other database to hold it back")
        _, position = read("")
        assert read(position)[0] == []

        bump()

        found = wait_until(lambda: (now := read(position))[0] and now, 60)
        assert found[0] == [fact.id]
        assert read(found[1])[0] == []

    def test_finds_what_a_cluster_that_had_counted_further_wrote(self, spine, bump, read):
        f.store_facts(spine.url, [fact := f.a_fact()])
        f.rows(spine.url, "update outbox set xid = '9999999999'::xid8")
        assert read("")[0] == []

        bump()

        assert wait_until(lambda: read("")[0], 60) == [fact.id]


class TestRestatedFact:
    def test_is_nothing_to_react_to(self, spine):
        reacted = []
        handler = inbox.Handler(
            name="support.on.contacts.task.completed",
            service="support",
            fact=contacts.TaskCompleted,
            react=lambda _session, fact, _now: reacted.append(fact.id),
        )
        fact = f.a_fact()
        restated = replace(f.a_fact(), restated=True)

        outcomes = [
            inbox.handle(spine.sessions, handler, encode(each)) for each in (fact, restated)
        ]

        assert outcomes == [inbox.Outcome.DONE, inbox.Outcome.REPEAT]
        assert reacted == [fact.id]

    def test_says_so_on_the_wire_and_leaves_no_line(self):
        fact = replace(f.a_fact(), restated=True)

        assert orjson.loads(encode(fact))["restated"] is True
        assert "restated" not in orjson.loads(encode(f.a_fact()))
        assert decode(encode(fact)) == fact
        assert timeline_entry(fact) is None
