"""The ops port: alive, ready, measured, and closed without the token."""

import pytest
import urllib3
from prometheus_client import CollectorRegistry
from werkzeug.test import Client

from crm_chassis import metrics
from crm_chassis.testing import free_port

pytestmark = pytest.mark.unit


@pytest.fixture
def ops():
    made = metrics.Ops(token="s3cret")
    made.routes["/internal/echo"] = lambda request: metrics.answer({"n": int(request.args["n"])})
    return made


def get(ops, path, token=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Client(ops).get(path, headers=headers)


class TestProbes:
    def test_say_alive_whatever_the_checks_say(self, ops):
        ops.checks["database"] = lambda: "away"

        assert get(ops, "/livez").status_code == 200

    def test_say_ready_only_when_every_check_passes(self, ops):
        ops.checks["database"] = lambda: None
        assert get(ops, "/readyz").json == {"ready": True, "checks": {"database": "ok"}}

        ops.checks["broker"] = lambda: 1 / 0
        found = get(ops, "/readyz")

        assert found.status_code == 503
        assert found.json["checks"] == {
            "database": "ok",
            "broker": "ZeroDivisionError: division by zero",
        }

    def test_let_a_part_add_its_check_meanwhile(self, ops):
        ops.checks["first"] = lambda: ops.checks.update(second=lambda: "starting")

        assert get(ops, "/readyz").status_code in {200, 503}
        assert get(ops, "/readyz").json["checks"] == {"first": "ok", "second": "starting"}

    def test_say_unready_while_stopping(self, ops):
        ops.draining.set()

        assert get(ops, "/readyz").json["checks"] == {"draining": "stopping"}

    def test_show_the_counters(self, ops):
        metrics.sent.labels(metrics.SYSTEM, "unit.events").inc(3)

        shown = get(ops, "/metrics").text
        assert (
            'messaging_client_sent_messages_total{messaging_destination_name="unit.events"' in shown
        )

    def test_show_what_stands_unless_the_database_is_away(self, ops):
        away = [False]

        def status():
            if away[0]:
                raise ConnectionError
            parked = {"consumer": "sales.on.x", "cause": "ValueError", "messages": 2}
            return {"parked": [parked], "lag_seconds": {"sales": 1.5}, "mails": {"failed": 3}}

        standing = metrics.Standing(status)
        ops.registry = CollectorRegistry()
        ops.registry.register(standing)

        first = get(ops, "/metrics").text
        away[0] = True
        remembered = get(ops, "/metrics").text
        standing._read_at = float("-inf")
        later = get(ops, "/metrics")

        assert 'parked_messages{cause="ValueError",consumer="sales.on.x"} 2.0' in first
        assert 'view_lag_seconds{service="sales"} 1.5' in first
        assert 'mails_unsent{state="failed"} 3.0' in first
        assert remembered == first
        assert (later.status_code, "parked_messages" in later.text) == (200, False)


class TestInternal:
    @pytest.mark.parametrize("token", [None, "wrong", "s3cret ", "ä"])
    def test_is_closed_without_the_token(self, ops, token):
        assert get(ops, "/internal/echo?n=1", token).status_code == 401

    def test_is_open_with_it(self, ops):
        assert get(ops, "/internal/echo?n=1", "s3cret").json == {"n": 1}

    @pytest.mark.parametrize("query", ["", "?n=one"])
    def test_says_400_for_a_request_it_cannot_read(self, ops, query):
        assert get(ops, f"/internal/echo{query}", "s3cret").status_code == 400

    def test_knows_its_pages(self, ops):
        assert get(ops, "/internal/nowhere", "s3cret").status_code == 404

    def test_is_served_on_a_thread_of_its_own(self, ops):
        port = free_port()
        server = ops.serve("127.0.0.1", port)

        answer = urllib3.request("GET", f"http://127.0.0.1:{port}/livez", retries=False)

        server.shutdown()
        server.server_close()
        assert answer.json() == {"status": "ok"}
