"""Each fact once per reaction, or parked with its cause: real processes, real kills, real cuts."""

import itertools
import signal
import sys
from pathlib import Path

import pika
import psycopg
import pytest
import urllib3
from libs.chassis.tests import factories as f

from crm_chassis.broker import Message, Publisher
from crm_chassis.testing import environment, wait_until
from crm_contracts import contacts, encode

pytestmark = pytest.mark.integration
SCRIPT = Path(__file__).with_name("guinea_worker.py")
QUEUE = "support.on.contacts.task.completed.v1"
HANDLER = "support.on.contacts.task.completed"
TABLES = """
create table if not exists effect (event_id uuid, handler text, at timestamptz default clock_timestamp());
create table if not exists mended (one int);
create table if not exists gate (one int);
create table if not exists tick (pid int, began timestamptz, ended timestamptz)
"""


class Desk:
    """A vhost, a database and the workers under test."""

    def __init__(self, url, host, processes, peers):
        self.url, self.host, self.processes, self.peers = url, host, processes, peers
        self.publisher = Publisher(host.url_of("contacts"), name="contacts.test")
        f.rows(url, TABLES)
        f.rows(url, "insert into gate values (1)")

    def start(self, *, ready=True):
        env = environment(
            "support", self.url, self.host.url_of("support"), CRM_PEERS=f.json.dumps(self.peers)
        )
        env["PYTHONPATH"] = ""
        process = self.processes([sys.executable, str(SCRIPT)], env=env)
        process.ops = f"http://127.0.0.1:{env['CRM_OPS_PORT']}"
        if ready:
            wait_until(lambda: self.failures(process) == {}, 30, what="the worker to be ready")
        return process

    def failures(self, process):
        try:
            checks = urllib3.request("GET", f"{process.ops}/readyz", retries=False).json()["checks"]
        except urllib3.exceptions.HTTPError:
            return {"ops": "away"}
        return {name: said for name, said in checks.items() if said != "ok"}

    def publish(self, *facts, exchange="contacts.events"):
        bodies = [each if isinstance(each, bytes) else encode(each) for each in facts]
        keys = [contacts.TaskCompleted.type if isinstance(e, bytes) else e.type for e in facts]
        self.publisher.open()
        messages = [
            Message(exchange=exchange, routing_key=key, message_id=str(n), body=body)
            for n, (key, body) in enumerate(zip(keys, bodies, strict=True))
        ]
        self.publish_all(messages)
        self.publisher.close()

    def publish_all(self, left, *, by=None):
        """Publish until each message has reached a queue, as a relay does; `by` another user."""
        publisher = Publisher(by, name="other.test") if by else self.publisher
        if by:
            publisher.open()

        def sent():
            confirmed = publisher.publish(left)
            left[:] = [each for n, each in enumerate(left) if n not in confirmed]
            return not left

        wait_until(sent, 20, what="a queue")
        if by:
            publisher.close()

    def effects(self, *facts):
        query = "select event_id, count(*) from effect where event_id = any(%s) group by 1"
        found = dict(f.rows(self.url, query, [fact.id for fact in facts]))
        return [found.get(fact.id, 0) for fact in facts]

    def done_once(self, *facts, within=25):
        wait_until(lambda: all(self.effects(*facts)), within, what="every effect")
        assert self.effects(*facts) == [1] * len(facts)

    def parked(self, *facts):
        query = "select cause, state, attempts, next_try_at is null from parked where event_id = any(%s)"
        return f.rows(self.url, query, [fact.id for fact in facts])

    def running(self, what):
        """Processes of the database that are at this statement."""
        query = (
            "select pid from pg_stat_activity where application_name = 'support.work' and"
            " datname = current_database() and state = 'active' and query like %s"
        )
        return [pid for (pid,) in f.rows(self.url, query, f"%{what}%")]

    def waiting(self):
        """Messages in the queue that nobody holds."""
        with pika.BlockingConnection(pika.URLParameters(self.host.url)) as connection:
            declared = connection.channel().queue_declare(QUEUE, passive=True)
        return declared.method.message_count

    def delete_queue(self, name=QUEUE):
        self.host.ask("DELETE", f"/queues/{{vhost}}/{name}")

    def cut(self):
        """Close the workers' connections, as a broker that restarts does."""

        def ours():
            connections = self.host.ask("GET", "/connections")
            return [
                each["name"]
                for each in connections
                if each.get("vhost") == self.host.name and each.get("user") == "support"
            ]

        for name in wait_until(ours, 20, what="a connection to be listed"):
            self.host.ask("DELETE", f"/connections/{name.replace(' ', '%20').replace('>', '%3E')}")


@pytest.fixture(scope="module")
def host(vhost):
    return vhost()


@pytest.fixture
def desk(spine_database, host, processes):
    f.rows(spine_database, TABLES)
    with f.peer(spine_database) as peers:
        desk = Desk(spine_database, host, processes, peers)
        yield desk
    for queue in host.ask("GET", "/queues/{vhost}"):
        if queue["name"].startswith("support.on."):
            desk.delete_queue(queue["name"])
    f.rows(spine_database, "truncate effect, mended, gate, tick, parked, inbox, outbox")


def found(ask):
    """Return what `ask` returns, None where there is no such thing yet."""
    try:
        return ask()
    except RuntimeError:
        return None


def a_fact(title="Call", **fields):
    return f.a_fact(title=title, **fields)


class TestOnce:
    def test_is_every_fact_however_often_it_comes(self, desk):
        desk.start()
        facts = [a_fact() for _ in range(30)]

        desk.publish(*facts, *facts)
        desk.publish(*facts)

        wait_until(lambda: desk.waiting() == 0 and all(desk.effects(*facts)), 25)
        assert desk.effects(*facts) == [1] * 30
        handled = "select count(*) from inbox where state = 'done'"
        assert f.scalar(desk.url, handled) == 30

    def test_reaches_those_of_bulk_work_who_asked_for_it(self, desk):
        desk.start()
        created, completed = f.a_fact(contacts.TaskCreated), a_fact()

        desk.publish(created, exchange="contacts.bulk")
        desk.publish(completed)

        wait_until(lambda: all(desk.effects(created, completed)), 25)
        assert desk.effects(created, completed) == [1, 1]


class TestFault:
    def test_of_a_handler_parks_with_its_cause_and_is_done_once_repaired(self, desk):
        desk.start()
        bad, good = a_fact("raise"), a_fact()

        desk.publish(bad, good)
        desk.done_once(good)
        wait_until(lambda: desk.parked(bad) == [("ValueError", "waiting", 5, False)], 20)
        f.rows(desk.url, "insert into mended values (1)")
        f.rows(desk.url, "update parked set next_try_at = now()")

        desk.done_once(bad)
        wait_until(lambda: [row[1] for row in desk.parked(bad)] == ["done"])
        desk.publish(bad)
        after = a_fact()
        desk.publish(after)
        desk.done_once(bad, after)

    def test_of_the_database_is_waited_out_and_never_parked(self, desk):
        worker = desk.start()
        killed, locked, idle = a_fact("gate 20000"), a_fact("gate 50"), a_fact("idle")

        with psycopg.connect(desk.url) as blocking:
            blocking.execute("select from gate for update")
            desk.publish(locked)
            wait_until(lambda: "handlers" in desk.failures(worker), 20)
            desk.publish(killed)
            for pid in wait_until(lambda: desk.running("from gate"), 20):
                f.rows(desk.url, "select pg_terminate_backend(%s)", pid)
            wait_until(lambda: desk.running("from gate"), 20, what="another try")

        desk.done_once(killed, locked)
        desk.publish(idle)
        wait_until(lambda: "handlers" in desk.failures(worker), 20)
        assert desk.parked(killed, locked, idle) == []

    @pytest.mark.parametrize(
        ("fact", "cause"),
        [
            (b"nonsense", "Undecodable"),
            (encode(a_fact("major")).replace(b"completed.v1", b"completed.v9"), "UnknownMajor"),
            (encode(a_fact("type")).replace(b"task.completed.v1", b"\\u0000"), "UnknownType"),
            (encode(a_fact("hops", hops=16)), "TooManyHops"),
        ],
        ids=["undecodable", "major", "NUL", "hops"],
    )
    def test_of_a_hopeless_message_parks_at_once(self, desk, fact, cause):
        desk.start()
        good = a_fact()

        desk.publish(fact, good)

        desk.done_once(good)
        found = "select cause, body from parked"
        wait_until(lambda: f.rows(desk.url, found) == [(cause, fact)], 20)


class TestStop:
    def test_by_sigterm_finishes_what_is_under_way(self, desk):
        worker = desk.start()
        facts = [a_fact("sleep 1") for _ in range(3)]
        desk.publish(*facts)
        wait_until(lambda: desk.running("pg_sleep"), 20)

        worker.send_signal(signal.SIGTERM)
        code = worker.wait(30)

        begun = sum(desk.effects(*facts))
        assert (code, begun >= 1) == (0, True)
        wait_until(lambda: desk.waiting() == 3 - begun, 20, what="only what was not begun")
        desk.start()
        desk.done_once(*facts)

    def test_by_sigkill_leaves_each_effect_once(self, desk):
        worker = desk.start()
        facts = [a_fact("sleep 0.3") for _ in range(12)]
        desk.publish(*facts)
        wait_until(lambda: sum(desk.effects(*facts)) >= 2, 20)

        worker.kill()
        desk.start()

        desk.done_once(*facts)
        wait_until(lambda: desk.waiting() == 0, 20)
        desk.done_once(*facts)

    def test_without_the_broker_ends_all_the_same(self, desk):
        worker = desk.start()
        desk.cut()
        worker.send_signal(signal.SIGTERM)

        assert worker.wait(30) == 0


class TestBroker:
    def test_that_closes_connections_leaves_each_effect_once(self, desk):
        desk.start()
        desk.publish(opener := a_fact())
        desk.done_once(opener)
        facts = [a_fact("sleep 0.5") for _ in range(8)]
        desk.publish(*facts)
        wait_until(lambda: desk.running("pg_sleep"), 20)

        desk.cut()

        desk.done_once(*facts)
        desk.publish(after := a_fact())
        desk.done_once(after)
        desk.done_once(*facts)

    def test_that_lost_the_queue_under_the_reader_is_healed(self, desk):
        desk.start()

        desk.delete_queue()
        missed = a_fact("missed")
        f.store_facts(desk.url, [missed])

        wait_until(lambda: all(desk.effects(missed)), 25)
        desk.publish(after := a_fact())
        wait_until(lambda: all(desk.effects(after)), 25)
        assert desk.effects(missed, after) == [1, 1]
        assert QUEUE in [queue["name"] for queue in desk.host.ask("GET", "/queues/{vhost}")]

    def test_that_lost_the_dead_letters_makes_a_place_for_them_anew(self, desk):
        desk.start()

        desk.delete_queue("support.dead")

        bound = "/queues/{vhost}/support.dead/bindings"
        wait_until(lambda: "crm.dead" in str(found(lambda: desk.host.ask("GET", bound))), 20)
        desk.publish_all(
            [Message(exchange="crm.dead", routing_key="support", message_id="1", body=b"{}")],
            by=desk.host.url,
        )
        query = "select cause from parked where event_id is null"
        wait_until(lambda: f.rows(desk.url, query) == [("DeadLetter",)], 20)

    def test_that_had_no_queue_meanwhile_is_made_up_for(self, desk):
        worker = desk.start()
        wait_until(lambda: f.rows(desk.url, "select from registration where position <> ''"), 20)
        worker.terminate()
        worker.wait(30)
        desk.delete_queue()
        facts = [a_fact() for _ in range(5)]
        f.store_facts(desk.url, facts)

        desk.start()

        desk.done_once(*facts)
        assert desk.parked(*facts) == []


class TestPoison:
    @pytest.fixture
    def _impatient(self, host):
        policy = host.ask("GET", "/policies/{vhost}/support")
        definition = policy["definition"] | {"delivery-limit": 1}
        body = {"pattern": "^support[.]on.*", "definition": definition, "apply-to": "queues"}
        host.ask("PUT", "/policies/{vhost}/impatient", body | {"priority": 9})
        yield
        host.ask("DELETE", "/policies/{vhost}/impatient")

    @pytest.mark.usefixtures("_impatient")
    def test_that_kills_its_process_is_parked_alone(self, desk):
        worker = desk.start()
        poison, innocents = a_fact("die"), [a_fact() for _ in range(20)]
        desk.publish(*innocents[:10], poison, *innocents[10:])

        def settled():
            nonlocal worker
            if worker.poll() is not None:
                worker = desk.start(ready=False)
            return desk.parked(poison) and all(desk.effects(*innocents))

        wait_until(settled, 60, what="the poison to be parked")
        assert desk.effects(*innocents) == [1] * 20
        assert desk.parked(poison) == [("DeadLetter", "waiting", 5, True)]
        assert desk.parked(*innocents) == []
        wait_until(lambda: desk.failures(worker) == {}, 30)
        desk.publish(after := a_fact())
        desk.done_once(after)
        assert worker.poll() is None

    def test_of_nearly_every_message_stops_the_handler_until_a_probe_passes(self, desk):
        worker = desk.start()
        facts = [a_fact("raise") for _ in range(70)]
        desk.publish(*facts)

        wait_until(lambda: "too many parked" in str(desk.failures(worker)), 30)
        assert len(desk.parked(*facts)) < 50
        left = 70 - len(desk.parked(*facts))
        f.rows(desk.url, "insert into mended values (1)")

        wait_until(lambda: sum(desk.effects(*facts)) > left - 15, 30, what="the rest to be done")
        wait_until(lambda: desk.failures(worker) == {}, 20)
        f.rows(desk.url, "update parked set next_try_at = now() where state = 'waiting'")
        desk.done_once(*facts)


class TestTimers:
    def test_of_two_replicas_run_one_at_a_time(self, desk):
        pair = [desk.start(ready=False) for _ in range(2)]
        count = "select count(distinct pid), count(*) from tick"

        wait_until(lambda: f.rows(desk.url, count) >= [(2, 10)], 30)
        assert [each.poll() for each in pair] == [None, None]

        ticks = f.rows(desk.url, "select began, ended from tick order by began")
        assert [a for a, b in itertools.pairwise(ticks) if a[1] > b[0]] == []


class TestHub:
    def test_is_not_blocked_by_queries(self, desk):
        desk.start()
        desk.publish(opener := a_fact())
        desk.done_once(opener)
        facts = [a_fact("sleep 0.3") for _ in range(10)]

        desk.publish(*facts)

        desk.done_once(*facts)
        span = f.scalar(
            desk.url,
            "select extract(epoch from max(at) - min(at)) from effect where event_id = any(%s)",
            [fact.id for fact in facts],
        )
        assert span < 1.2  # one after the other they end 2.7 s apart
