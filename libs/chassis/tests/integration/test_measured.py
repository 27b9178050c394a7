"""Every promised figure moves when what it measures happens, on real servers."""

import sys
import threading

import psycopg
import pytest
from libs.chassis.tests import factories as f
from libs.chassis.tests.integration.test_project import COPY, KEYS, TASKS
from libs.chassis.tests.integration.test_records import tell
from libs.chassis.tests.web_app import Api, an_app
from prometheus_client import REGISTRY

from crm_chassis import inbox, metrics, operations, records
from crm_chassis.project import CopyFolder, Projector
from crm_chassis.relay import Relay
from crm_chassis.testing import OPS_TOKEN, wait_until
from crm_contracts import contacts, encode

pytestmark = pytest.mark.integration
QUEUE = "support.copy.task"


def value(name, **labels):
    return REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.fixture(scope="module")
def host(vhost):
    return vhost()


@pytest.fixture
def run():
    """`run(part)` runs a relay or a projector until the test ends."""
    stop, threads = threading.Event(), []

    def begin(part):
        threads.append(threading.Thread(target=part.run, args=(stop,)))
        threads[-1].start()

    yield begin
    stop.set()
    for thread in threads:
        thread.join(20)


@pytest.fixture
def project(spine, host, run):
    f.rows(spine.url, COPY)
    part = Projector(
        CopyFolder(TASKS), queue=QUEUE, bindings=KEYS, database_url=spine.url,
        amqp_url=host.url_of("support"), resync=lambda _: None,
    )  # fmt: skip
    run(part)
    wait_until(lambda: part.check() is None, 20)
    yield part
    host.ask("DELETE", f"/queues/{{vhost}}/{QUEUE}")


@pytest.fixture
def relay(spine, host):
    return Relay("contacts", database_url=spine.url, amqp_url=host.url_of("contacts"))


class TestRelay:
    def test_shows_who_leads_what_waits_and_for_how_long(self, spine, relay, run):
        tell(spine, "a", "b")
        f.rows(spine.url, "update outbox set created_at = now() - interval '90 seconds'")
        assert value("relay_leader") == 0

        run(relay)  # nobody is bound: the broker returns both

        wait_until(lambda: value("outbox_depth") == 2, 20)
        assert value("outbox_oldest_seconds") >= 90
        assert value("relay_leader") == 1

    def test_counts_what_was_sent_and_followed_to_its_effect(self, spine, relay, project, run):
        sent = {"messaging_system": "rabbitmq", "messaging_destination_name": "contacts.events"}
        taken = {"messaging_system": "rabbitmq", "messaging_destination_name": QUEUE}
        late = {"consumer": QUEUE, "type": "contacts.task.created.v1"}
        published = {"messaging_system": "rabbitmq", "messaging_operation_name": "publish"}
        names = [
            ("messaging_client_sent_messages_total", sent),
            ("messaging_client_consumed_messages_total", taken),
            ("critical_time_seconds_count", late),
        ]
        before = [value(name, **labels) for name, labels in names]
        batches = value("messaging_client_operation_duration_seconds_count", **published)
        folds = value("messaging_process_duration_seconds_count", **taken)
        run(relay)

        tell(spine, *(str(n) for n in range(7)))

        def moved():
            now = [value(name, **labels) for name, labels in names]
            return [a - b for a, b in zip(now, before, strict=True)]

        wait_until(lambda: min(moved()) >= 7, 20)
        assert moved()[0] == moved()[2] == 7
        assert value("messaging_client_operation_duration_seconds_count", **published) > batches
        assert value("messaging_process_duration_seconds_count", **taken) > folds
        wait_until(lambda: value("outbox_depth") == 0, 20)


class TestReaction:
    def test_counts_repeats_and_times_what_is_new(self, spine):
        name = "support.on.contacts.task.completed"
        handler = inbox.Handler(
            name=name, service="support", fact=contacts.TaskCompleted, react=lambda *_: None
        )
        late = {"consumer": name, "type": contacts.TaskCompleted.type}
        before = value("inbox_duplicates_total", handler=name)
        timed = value("critical_time_seconds_count", **late)
        body = encode(f.a_fact())

        for _ in range(3):
            inbox.handle(spine.sessions, handler, body)

        assert value("inbox_duplicates_total", handler=name) == before + 2
        assert value("critical_time_seconds_count", **late) == timed + 1


class TestStanding:
    def test_is_read_from_the_database(self, spine):
        with psycopg.connect(spine.url, autocommit=True) as connection:
            for body in (b"{1", b"{2"):
                inbox.park(
                    connection, consumer=QUEUE, body=body, error=ValueError("no"), attempts=5,
                    now=f.NOON,
                )  # fmt: skip
            connection.execute("insert into watermark values ('sales', now() - interval '40 s')")

        found = {
            (sample.name, *sample.labels.values()): sample.value
            for family in metrics.Standing(lambda: operations.status(spine.url)).collect()
            for sample in family.samples
        }

        assert found["parked_messages", QUEUE, "ValueError"] == 2
        assert 40 <= found["view_lag_seconds", "sales"] < 60


class TestComparison:
    def test_counts_differences_and_remembers_them(self, spine, monkeypatch):
        monkeypatch.setattr(sys.modules[records.verify.__module__], "_BETWEEN_LOOKS_SECONDS", 0)
        f.rows(spine.url, COPY)
        tell(spine, "missing", "missing too")
        before = value("view_divergence_total", of="copies")

        with f.peer(spine.url) as addresses:
            peers = records.Peers(addresses, ops_token=OPS_TOKEN)
            operations.verify([CopyFolder(TASKS)], peers, spine.url)

        assert value("view_divergence_total", of="copies") == before + 2
        assert operations.status(spine.url)["verified"]["copies"]["differences"] == 2


class TestRequests:
    def test_are_timed_by_route_and_never_by_address(self, spine):
        api = Api(an_app(spine.sessions))
        made = api("POST", "/v1/tasks", {"title": "Call"}).json
        labels = {
            "http_request_method": "GET",
            "http_route": "/v1/tasks/<uuid:task_id>",
            "http_response_status_code": "200",
        }
        before = value("http_server_request_duration_seconds_count", **labels)

        api("GET", f"/v1/tasks/{made['id']}")
        api("BREW", f"/v1/tasks/{made['id']}")

        assert value("http_server_request_duration_seconds_count", **labels) == before + 1
        shown = str([sample.labels for m in REGISTRY.collect() for sample in m.samples])
        assert made["id"] not in shown
        assert "BREW" not in shown
        assert "_OTHER" in shown
