"""From the outbox to the broker: in order, once if nothing breaks, and never lost if it does."""

import json
import threading
import time
from datetime import UTC, datetime
from itertools import pairwise

import pika
import pytest
from libs.chassis.tests import factories as f

from crm_chassis import db, relay
from crm_chassis.relay import Relay
from crm_chassis.testing import wait_until
from crm_contracts import contacts

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def host(vhost):
    return vhost()


class Broker:
    """The queues of the test, read as an administrator."""

    def __init__(self, host):
        self.host = host
        self.connection = pika.BlockingConnection(pika.URLParameters(host.url))
        self.channel = self.connection.channel()
        self.seen = []

    def bind(self, key="contacts.task.*.v1", kinds=("events", "bulk"), queue="test.all"):
        arguments = {"x-queue-type": "quorum"}
        self.channel.queue_declare(queue, durable=True, arguments=arguments)
        for kind in kinds:
            self.channel.queue_bind(queue, f"contacts.{kind}", key)

    def take(self, queue="test.all"):
        while (found := self.channel.basic_get(queue, auto_ack=True))[0]:
            self.seen.append(json.loads(found[2]))
        return self.seen

    def took(self, count):
        wait_until(lambda: len(self.take()) >= count, 20, what=f"{count} messages")
        return [each["subject"] for each in self.seen]

    def drop(self):
        names = [q["name"] for q in self.host.ask("GET", "/queues/{vhost}")]
        for name in names:
            if name.startswith("test."):
                self.channel.queue_delete(name)
        self.connection.close()

    def cut(self, name="contacts.relay"):
        """Close every connection of that name, as a broker that restarts does."""
        ours = [
            each["name"]
            for each in self.host.ask("GET", "/connections")
            if each.get("client_properties", {}).get("connection_name") == name
            and each.get("vhost") == self.host.name
        ]
        for each in ours:
            self.host.ask("DELETE", f"/connections/{each.replace(' ', '%20').replace('>', '%3E')}")
        return len(ours)


@pytest.fixture
def broker(host):
    made = Broker(host)
    yield made
    made.drop()


@pytest.fixture
def start(spine, host):
    """`start()` runs a relay on a thread until the test ends, or until its event is set."""
    running = []

    def begin(of=Relay):
        made = of("contacts", database_url=spine.url, amqp_url=host.url_of("contacts"))
        stop = threading.Event()
        thread = threading.Thread(target=made.run, args=(stop,))
        thread.start()
        running.append((stop, thread))
        made.stop = stop
        return made

    yield begin
    for stop, thread in running:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def told(spine, count=1, *, bulk=False):
    facts = [f.a_fact(title=str(number)) for number in range(count)]
    f.store_facts(spine.url, facts, bulk=bulk)
    return [str(fact.subject) for fact in facts]


def unsent(spine):
    return f.scalar(spine.url, "select count(*) from outbox where sent_at is null")


def all_sent(spine):
    wait_until(lambda: unsent(spine) == 0, 20, what="the outbox to empty")


class TestSending:
    def test_keeps_the_order_of_the_outbox(self, spine, broker, start):
        broker.bind()
        wanted = told(spine, 60)

        start()

        assert broker.took(60) == wanted
        all_sent(spine)

    def test_sends_the_bytes_of_the_outbox(self, spine, broker, start):
        broker.bind()
        start()
        with db.transaction(spine.sessions, db.Context(actor="user:ann")) as session:
            f.create_task(session, f.CreateTask(title="Grüße"), now=f.NOON)

        broker.took(1)

        assert broker.seen == [json.loads(f.scalar(spine.url, "select body from outbox"))]

    def test_puts_bulk_behind_what_is_live(self, spine, broker, start):
        broker.bind(kinds=("events", "bulk"))
        bulk, live = told(spine, 5, bulk=True), told(spine, 5)

        start()

        assert broker.took(10) == live + bulk

    def test_sends_bulk_only_to_who_asked_for_it(self, spine, broker, start):
        broker.bind(kinds=("events",))
        broker.bind(kinds=("bulk",), queue="test.bulk")
        told(spine, 2, bulk=True)

        start()

        all_sent(spine)
        assert broker.take() == []

    def test_wakes_when_a_change_is_told(self, spine, broker, start):
        broker.bind()
        start()
        wait_until(lambda: f.scalar(spine.url, "select idle from relay_state"), what="rest")
        began = datetime.now(UTC)

        with db.transaction(spine.sessions, db.Context(actor="user:ann")) as session:
            f.create_task(session, f.CreateTask(title="Call"), now=f.NOON)
        broker.took(1)

        sent = f.scalar(spine.url, "select sent_at from outbox")
        assert (sent - began).total_seconds() < 0.5

    def test_sees_what_is_told_while_it_asks_for_notices(self, spine, broker, start, monkeypatch):
        """A writer that read `idle` just before tells nobody: nothing else would wake the relay."""

        class Raced(Relay):
            def _ask_notice(self, session, *, wanted):
                if wanted and not f.scalar(spine.url, "select count(*) from outbox"):
                    told(spine)
                    monkeypatch.setattr(relay, "_SHORTEST_WAIT", 0.005)
                    monkeypatch.setattr(relay, "_LONGEST_WAIT", 1.0)
                super()._ask_notice(session, wanted=wanted)

        broker.bind()
        monkeypatch.setattr(relay, "_SHORTEST_WAIT", 60.0)
        monkeypatch.setattr(relay, "_LONGEST_WAIT", 60.0)

        start(Raced)

        # Well before the idle session is ended by the database, which would wake the relay too.
        wait_until(broker.take, 5, what="the message")


class TestUnroutable:
    def test_stays_unsent_until_somebody_wants_it(self, spine, broker, start):
        told(spine, 3)
        relay = start()
        wait_until(lambda: relay.state == "leading")
        wait_until(lambda: relay._publisher._returned)
        assert unsent(spine) == 3

        broker.bind()

        broker.took(3)
        all_sent(spine)

    def test_does_not_hold_up_what_others_want(self, spine, broker, start, monkeypatch):
        monkeypatch.setattr(relay, "BATCH", 10)
        broker.bind("contacts.task.created.v1")
        told(spine, 25)
        wanted = f.a_fact(contacts.TaskCreated)
        f.store_facts(spine.url, [wanted])

        start()

        assert broker.took(1) == [str(wanted.subject)]
        assert unsent(spine) == 25

    def test_is_tried_again_without_haste(self, spine, start):
        class Timed(Relay):
            tries = ()

            def send(self, session):
                self.tries = (*self.tries, time.monotonic())
                return super().send(session)

        told(spine, 3)
        relay = start(Timed)

        def pause():
            return max((b - a for a, b in pairwise(relay.tries)), default=0)

        wait_until(lambda: pause() > 0.9, 10, what="a second between two tries")
        assert len(relay.tries) < 20


class TestLeadership:
    def test_is_of_one(self, spine, start):
        first, second = start(), start()

        wait_until(lambda: {first.state, second.state} == {"leading", "standing by"})

        assert (first.check(), second.check()) == (None, None)

    def test_passes_on_when_the_leaders_session_is_killed_and_loses_nothing(
        self, spine, broker, start
    ):
        broker.bind()
        pair = start(), start()
        wait_until(lambda: {each.state for each in pair} == {"leading", "standing by"})
        leader = f.scalar(
            spine.url,
            "select pid from pg_locks where locktype = 'advisory' and granted"
            " and database = (select oid from pg_database where datname = current_database())",
        )

        wanted = told(spine, 100)
        f.rows(spine.url, "select pg_terminate_backend(%s)", leader)
        wanted += told(spine, 100)

        all_sent(spine)
        assert set(broker.took(200)) == set(wanted)
        wait_until(lambda: "leading" in {each.state for each in pair})

    def test_passes_on_when_the_leader_stops(self, spine, broker, start):
        broker.bind()
        first = start()
        wait_until(lambda: first.state == "leading")
        second = start()

        first.stop.set()
        wanted = told(spine, 10)

        assert broker.took(10) == wanted
        wait_until(lambda: second.state == "leading")


class TestBrokerAway:
    def test_loses_nothing_when_connections_are_closed(self, spine, broker, start):
        broker.bind()
        start()
        wanted = told(spine, 50)
        broker.took(50)
        wait_until(broker.cut, 20, what="the connection to be listed")

        wanted += told(spine, 50)

        all_sent(spine)
        assert set(broker.took(100)) == set(wanted)

    def test_is_waited_for_and_says_so(self, spine):
        lonely = Relay("contacts", database_url=spine.url, amqp_url="amqp://127.0.0.1:9")
        stop = threading.Event()
        thread = threading.Thread(target=lonely.run, args=(stop,))
        thread.start()

        wait_until(lambda: (lonely.check() or "").startswith("waiting"))

        stop.set()
        thread.join(20)


class TestWatermark:
    def test_is_now_or_the_oldest_unsent(self, spine, broker, start, monkeypatch):
        monkeypatch.setattr(relay, "WATERMARK_SECONDS", 0.1)
        broker.bind("contacts.watermark.moved.v1")
        start()
        broker.seen.clear()
        wait_until(broker.take)
        told(spine)  # nobody wants it
        oldest = f.scalar(spine.url, "select created_at from outbox")
        broker.seen.clear()

        def holds():
            marks = [datetime.fromisoformat(each["at"]) for each in broker.take()]
            return oldest in marks

        wait_until(holds, what="the mark to stop at what is unsent")
        assert {each["service"] for each in broker.seen} == {"contacts"}
