"""Copies: the newest wins in any order, nothing is lost, the culprit is parked alone."""

import itertools
import threading
from datetime import timedelta

import orjson
import psycopg
import pytest
from libs.chassis.tests import factories as f

from crm_chassis import db, ids, project, records
from crm_chassis.broker import Message, Publisher
from crm_chassis.project import Copy, CopyFolder, Item, NotYetMigrated, Projector, References
from crm_chassis.project.projector import item_of
from crm_chassis.testing import OPS_TOKEN, wait_until
from crm_contracts import contacts, encode, record_body

pytestmark = pytest.mark.integration
COPY = """
create table if not exists task_copy (id uuid primary key, version bigint not null, digest uuid,
    merged_into uuid, archived_at timestamptz, first_seen_at timestamptz not null default now(),
    title text, words text[], origin jsonb, is_done boolean, length integer check (length < 100));
create table if not exists task_mark (id uuid primary key, at timestamptz not null)
"""
TASKS = Copy(
    of=contacts.Task,
    table="task_copy",
    columns={
        "title": "title",
        "words": lambda body: body["title"].split() if body else [],
        "origin": "origin",
        "is_done": lambda body: body.get("status") == "done",
        "length": lambda body: len(body.get("title") or ""),
    },
    marks="task_mark",
)
KEYS = [(f"contacts.{kind}", "contacts.task.*.v1") for kind in ("events", "bulk")]
KEYS.append(("contacts.events", "contacts.watermark.moved.v1"))


@pytest.fixture(scope="module")
def host(vhost):
    return vhost()


@pytest.fixture
def kept(spine):
    f.rows(spine.url, COPY)
    return lambda: dict(f.rows(spine.url, "select title, version from task_copy order by 1"))


@pytest.fixture
def connection(spine, kept):
    with psycopg.connect(spine.url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def publish(host):
    publisher = Publisher(host.url_of("contacts"), name="contacts.test")

    def send(*bodies, key="contacts.task.updated.v1"):
        publisher.open()
        messages = [
            Message(exchange="contacts.events", routing_key=key, message_id=str(n), body=body)
            for n, body in enumerate(bodies)
        ]
        assert len(publisher.publish(messages)) == len(bodies)
        publisher.close()

    return send


@pytest.fixture
def start(spine, host, kept):
    """`start()` folds on a thread; the queue is deleted afterwards."""
    running = []

    def begin(folder=None, resync=lambda _: None):
        made = Projector(
            folder or CopyFolder(TASKS),
            queue="support.copy.task",
            bindings=KEYS,
            database_url=spine.url,
            amqp_url=host.url_of("support"),
            resync=resync,
        )
        stop = threading.Event()
        thread = threading.Thread(target=made.run, args=(stop,))
        thread.start()
        running.append((stop, thread))
        wait_until(lambda: made.state == "folding", 20, what="the projector")
        return made

    yield begin
    for stop, thread in running:
        stop.set()
        thread.join(20)
    host.ask("DELETE", "/queues/{vhost}/support.copy.task")


def item(task_id, version, title="Call", body=None, **fields):
    fact = f.a_fact(task_id=task_id, version=version, title=title, **fields)
    body = record_body(fact.record) if body is None else body
    return Item(service="contacts", kind="task", id=task_id, version=version, body=body)


def absorbed_by(survivor_id, task_id):
    record = orjson.loads(record_body(f.a_fact(task_id=task_id, version=2).record))
    return orjson.dumps(record | {"merged_into_id": str(survivor_id)})


def fold(connection, *items, repair=False, folder=None):
    with connection.transaction():
        (folder or CopyFolder(TASKS)).fold(connection, items, repair=repair)


def updated(title, *, task_id=None, version=1):
    fact = f.a_fact(contacts.TaskUpdated, task_id=task_id, version=version, title=title)
    return encode(fact)


def carrying(**changes):
    """A fact that is read well, with a record that is not what it says."""
    event = orjson.loads(updated("x"))
    event["data"]["record"] = event["data"]["record"] | changes if changes else {"id": "?"}
    return orjson.dumps(event)


class TestFold:
    @pytest.mark.parametrize("order", list(itertools.permutations([1, 2, 3])))
    def test_keeps_the_newest_in_any_order_and_grouping(self, connection, kept, order):
        one, other = ids.new(), ids.new()

        for version in order:
            fold(connection, item(one, version, f"one {version}"))
        fold(connection, *(item(other, version, f"other {version}") for version in order))

        assert kept() == {"one 3": 3, "other 3": 3}

    def test_repeats_change_nothing(self, connection, kept):
        once = item(ids.new(), 2)
        fold(connection, once)
        connection.execute("delete from task_mark")

        fold(connection, once, once)

        assert kept() == {"Call": 2}
        assert connection.execute("select from task_mark").fetchall() == []

    def test_repairs_a_body_of_the_same_version_when_told_to(self, connection, kept):
        task_id = ids.new()
        fold(connection, item(task_id, 2, "wrong"))

        fold(connection, item(task_id, 2, "right"))
        assert kept() == {"wrong": 2}
        fold(connection, item(task_id, 2, "right"), repair=True)
        fold(connection, item(task_id, 1, "old"), repair=True)

        assert kept() == {"right": 2}

    def test_marks_what_changed(self, connection):
        one, other = ids.new(), ids.new()

        fold(connection, item(one, 1), item(other, 1))

        marked = connection.execute("select id from task_mark order by id").fetchall()
        assert marked == sorted([(one,), (other,)])

    def test_converts_to_the_columns_types(self, connection):
        fold(connection, item(ids.new(), 1, 'two "words" {x}', origin="a:b"))

        row = connection.execute("select words, origin, is_done, length from task_copy").fetchone()

        assert row == (["two", '"words"', "{x}"], "a:b", True, 15)

    def test_empties_what_was_erased(self, connection, kept):
        task_id = ids.new()
        fold(connection, item(task_id, 1))

        erased = Item(service="contacts", kind="task", id=task_id, version=2, body=None)
        fold(connection, erased)

        assert kept() == {None: 2}

    def test_leaves_other_kinds_and_services_alone(self, connection, kept):
        task_id = ids.new()
        other = Item(service="sales", kind="task", id=task_id, version=1, body=b"{}")
        kind = Item(service="contacts", kind="note", id=task_id, version=1, body=b"{}")

        fold(connection, other, kind)

        assert kept() == {}

    def test_says_which_column_is_not_migrated_yet(self, connection):
        folder = CopyFolder(Copy(of=contacts.Task, table="task_copy", columns={"color": "color"}))

        with pytest.raises(NotYetMigrated, match="color"):
            fold(connection, item(ids.new(), 1), folder=folder)


class TestPlaceholder:
    def refer(self, spine, *record_ids):
        with db.transaction(spine.sessions, db.Context(actor="user:ann")) as session:
            return project.refer_all(session, "task_copy", record_ids)

    def test_stands_for_a_record_not_seen_yet(self, spine, connection, kept):
        task_id = ids.new()

        assert self.refer(spine, task_id, task_id) == {task_id: task_id}
        assert kept() == {None: 0}

        fold(connection, item(task_id, 1))
        assert kept() == {"Call": 1}

    def test_follows_a_merge(self, spine, connection):
        absorbed, survivor = ids.new(), ids.new()
        self.refer(spine, absorbed)
        fold(connection, item(absorbed, 2, body=absorbed_by(survivor, absorbed)))

        assert self.refer(spine, absorbed) == {absorbed: survivor}

    def test_of_nothing_is_nothing(self, spine, kept):
        with db.transaction(spine.sessions, db.Context(actor="user:ann")) as session:
            assert project.refer(session, "task_copy", None) is None
            assert project.refer_all(session, "task_copy", []) == {}

    def test_of_a_commands_fields_is_followed_whatever_their_shape(self, spine, connection):
        absorbed, survivor, other = ids.new(), ids.new(), ids.new()
        fold(connection, item(absorbed, 2, body=absorbed_by(survivor, absorbed)))
        references = References({"task_id": "task_copy", "task_ids": "task_copy"})
        fields = {"task_id": absorbed, "task_ids": [other, absorbed, survivor], "title": "x"}

        with db.transaction(spine.sessions, db.Context(actor="user:ann")) as session:
            references.settle_together(session, [fields, {"nested": {"task_id": None}}])
            found = references.settled(session, fields)

        assert found == {"task_id": survivor, "task_ids": [other, survivor], "title": "x"}

    def test_is_overdue_when_its_record_never_comes(self, spine, connection):
        self.refer(spine, ids.new())
        folder = CopyFolder(TASKS)
        now = connection.execute("select now()").fetchone()[0]

        assert folder.overdue_placeholders(connection, before=now) == 1
        connection.execute("update task_copy set first_seen_at = now() + interval '1 h'")
        assert folder.overdue_placeholders(connection, before=now) == 0


class TestProjector:
    def test_folds_what_is_published(self, kept, start, publish):
        start()

        publish(*(updated(f"n{n}") for n in range(300)))

        wait_until(lambda: len(kept()) == 300, 20)

    def test_opens_its_window_after_the_first_fresh_message(self, kept, start, publish, host):
        projector = start()
        assert not projector._consumer._wide

        publish(updated("first"))

        wait_until(lambda: projector._consumer._wide)
        publish(updated("second"))
        wait_until(lambda: len(kept()) == 2)

    @pytest.mark.parametrize(
        "poison",
        [
            b"nonsense",
            b"{}",
            updated("x" * 101),
            updated("nul \x00"),
            updated("x").replace(b"contacts.task.updated.v1", b"contacts.task.exploded.v1"),
            updated("x").replace(b'{"id"', b'[{"id"').replace(b'},"changed"', b'}],"changed"'),
            carrying(),
            carrying(id=str(ids.new())),
            carrying(version=7),
        ],
        ids=[
            "not JSON",
            "no fact",
            "refused by the table",
            "NUL",
            "unknown",
            "no record",
            "hardly a record",
            "another's",
            "of another version",
        ],
    )
    def test_parks_exactly_the_culprit_of_a_batch(self, spine, kept, start, publish, poison):
        projector = start()
        publish(updated("opens the window"))
        wait_until(lambda: projector._consumer._wide)

        publish(
            *(updated(f"n{n}") for n in range(10)), poison, *(updated(f"m{n}") for n in range(10))
        )

        wait_until(lambda: len(kept()) == 21, 20)
        found = f.rows(spine.url, "select consumer, body, state from parked")
        assert found == [("support.copy.task", poison, "waiting")]
        assert projector.check() is None

    def test_tries_what_is_parked_again(self, spine, kept, start, publish, monkeypatch):
        monkeypatch.setattr("crm_chassis.project.projector.RETRY_EVERY", timedelta(0))
        start()
        publish(updated("x" * 101), updated("y" * 101).replace(b'"title":"', b'"title":7,"_":"'))
        wait_until(lambda: f.scalar(spine.url, "select count(*) from parked") == 2, 20)

        f.rows(spine.url, "alter table task_copy drop constraint task_copy_length_check")
        f.rows(spine.url, "update parked set next_try_at = now()")

        wait_until(lambda: "x" * 101 in kept(), 20)
        states = "select state, attempts from parked order by parked_at, state"
        wait_until(lambda: sorted(f.rows(spine.url, states)) == [("done", 5), ("waiting", 6)], 20)
        f.rows(spine.url, "drop table task_copy")

    def test_loses_nothing_when_its_database_session_is_killed(self, spine, kept, start, publish):
        start()
        publish(updated("first"))
        wait_until(lambda: len(kept()) == 1)
        with psycopg.connect(spine.url) as blocking:
            blocking.execute("lock table task_copy in share mode")
            publish(*(updated(f"n{n}") for n in range(50)))
            waiting = "select pid from pg_stat_activity where application_name = %s and datname = current_database() and wait_event_type = 'Lock'"
            pids = wait_until(lambda: f.rows(spine.url, waiting, "support.copy.task"), 20)

            f.rows(spine.url, "select pg_terminate_backend(%s)", pids[0][0])

        wait_until(lambda: len(kept()) == 51, 20)
        assert f.rows(spine.url, "select from parked") == []

    def test_waits_for_a_lock_and_parks_nothing(self, spine, kept, start, publish, monkeypatch):
        monkeypatch.setattr("crm_chassis.project.projector._OPTIONS", {"lock_timeout": "50ms"})
        projector = start()
        with psycopg.connect(spine.url) as blocking:
            blocking.execute("lock table task_copy in share mode")
            publish(updated("late"))
            wait_until(lambda: projector.state == "waiting: LockNotAvailable", 20)

        wait_until(lambda: kept() == {"late": 1}, 20)
        assert f.rows(spine.url, "select from parked") == []

    def test_parks_alone_what_looks_like_the_database_for_too_long(
        self, spine, kept, start, publish, monkeypatch
    ):
        """The database answers everybody else: the fault is this message's."""
        monkeypatch.setattr("crm_chassis.project.projector._OPTIONS", {"lock_timeout": "50ms"})
        monkeypatch.setattr("crm_chassis.inbox.receiving.PATIENCE", timedelta(seconds=0.3))
        start()
        publish(told := updated("locked"))
        wait_until(lambda: kept() == {"locked": 1})
        again = f.a_fact(contacts.TaskUpdated, task_id=item_of(told).id, version=2, title="locked")
        with psycopg.connect(spine.url) as blocking:
            blocking.execute("select from task_copy for update")
            publish(*(updated(f"n{n}") for n in range(9)), encode(again), updated("last"))

            query = "select cause from parked where consumer = 'support.copy.task'"
            wait_until(lambda: f.rows(spine.url, query) == [("LockNotAvailable",)], 20)
            wait_until(lambda: len(kept()) == 11, 20)

        f.rows(spine.url, "update parked set next_try_at = now()")
        wait_until(lambda: kept()["locked"] == 2, 20)

    def test_remembers_until_when_facts_have_arrived(self, spine, start, publish):
        start()
        marks = [f"2026-03-02T12:00:0{n}+00:00" for n in (0, 1, 5, 3, 2)]

        bodies = [orjson.dumps({"service": "contacts", "at": at}) for at in marks]
        publish(*bodies, key="contacts.watermark.moved.v1")

        query = "select at::text from watermark where service = 'contacts'"
        wait_until(lambda: [r[0][17:19] for r in f.rows(spine.url, query)] == ["05"])

    def test_waits_for_a_table_that_is_not_there_yet(self, spine, start, publish, kept):
        absent = CopyFolder(Copy(of=contacts.Task, table="task_later", columns={"title": "title"}))
        start(absent)
        publish(updated("early"))

        f.rows(spine.url, "create table task_later (like task_copy including all)")

        wait_until(lambda: f.rows(spine.url, "select title from task_later") == [("early",)], 20)
        assert f.rows(spine.url, "select from parked") == []


class TestNewQueue:
    @pytest.fixture
    def resync(self, spine):
        with f.peer(spine.url) as addresses:
            peers = records.Peers(addresses, ops_token=OPS_TOKEN)
            yield lambda folder: records.resync(folder, peers, spine.url)

    def told(self, spine, title):
        with db.transaction(spine.sessions, db.Context(actor="user:ann")) as session:
            f.create_task(session, f.CreateTask(title=title), now=f.NOON)

    def test_is_filled_from_the_source(self, spine, kept, start, resync):
        for number in range(5):
            self.told(spine, f"before {number}")

        start(resync=resync)

        wait_until(lambda: len(kept()) == 5, 20)

    def test_is_filled_once(self, spine, kept, start, resync):
        filled = []
        start(resync=filled.append)
        wait_until(lambda: filled)
        wait_until(lambda: f.rows(spine.url, "select position from registration") == [("done",)])

        start(resync=filled.append)

        assert len(filled) == 1

    def test_that_a_watermark_went_past_is_filled_again(self, spine, start, publish):
        filled = []
        start(resync=filled.append)
        wait_until(lambda: filled)
        told = [f"2026-03-02T12:00:{second:02}+00:00" for second in range(0, 10, 2)]

        for at, before in [(0, None), (1, 0), (3, 2), (4, 3)]:
            mark = {"service": "contacts", "at": told[at]}
            mark["before"] = None if before is None else told[before]
            publish(orjson.dumps(mark), key="contacts.watermark.moved.v1")

        came = " ".join(told[at] for at in (0, 1, 3, 4))
        query = "select position from registration where producer = 'contacts'"
        wait_until(lambda: f.rows(spine.url, query) == [(came,)], 20)
        wait_until(lambda: len(filled) == 2, 20)

    def test_is_made_and_filled_again_when_it_was_deleted_under_the_reader(
        self, spine, kept, start, resync, host, publish
    ):
        start(resync=resync)
        publish(updated("live"))
        wait_until(lambda: kept() == {"live": 1})
        self.told(spine, "missed")

        host.ask("DELETE", "/queues/{vhost}/support.copy.task")

        wait_until(lambda: "missed" in kept(), 20)
        publish(updated("live again"))
        wait_until(lambda: "live again" in kept(), 20)

    def test_that_was_deleted_again_while_it_was_filled_is_filled_again(
        self, spine, kept, start, resync, host
    ):
        fills, going = [], threading.Event()

        def slow(folder):
            resync(folder)
            fills.append(folder)
            going.wait(20)

        start(resync=slow)
        wait_until(lambda: fills)
        first = f.scalar(spine.url, "select registered_at from registration")
        host.ask("DELETE", "/queues/{vhost}/support.copy.task")
        due = "select position from registration where registered_at > %s"
        wait_until(lambda: f.rows(spine.url, due, first) == [("due",)], 20)
        self.told(spine, "missed by the first filling")

        going.set()

        wait_until(lambda: f.rows(spine.url, due, first) == [("done",)], 20)
        assert (len(fills), kept()) == (2, {"missed by the first filling": 1})

    def test_is_filled_in_the_end_by_a_source_that_was_away(self, spine, kept, start, resync):
        calls = []

        def flaky(folder):
            calls.append(folder)
            if len(calls) == 1:
                raise records.PeerAway("contacts")
            resync(folder)

        self.told(spine, "before")
        start(resync=flaky)

        wait_until(lambda: kept() == {"before": 1}, 20)
        assert len(calls) == 2
