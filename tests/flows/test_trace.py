"""One trace from the request through outbox and relay to reaction and view, by real processes."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from crm_chassis.auth import Principal, Signer
from crm_chassis.testing import environment, keys, wait_until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]
ROLES = (("sales", "serve"), ("sales", "relay"), ("support", "work"), ("gateway", "project"))


class Receiver:
    """An OTLP/HTTP receiver that keeps every span as (trace, id, parent, service, name, kind)."""

    def __init__(self) -> None:
        self.spans: list[dict[str, Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.take(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, request: ExportTraceServiceRequest) -> None:
        for resource in request.resource_spans:
            named = {a.key: a.value.string_value for a in resource.resource.attributes}
            for scope in resource.scope_spans:
                for span in scope.spans:
                    self.spans.append(
                        {
                            "trace": span.trace_id.hex(),
                            "id": span.span_id.hex(),
                            "parent": span.parent_span_id.hex(),
                            "service": named["service.name"],
                            "name": span.name,
                            "said": str(span.attributes),
                        }
                    )

    def of(self, trace_id: str) -> set[tuple[str, str]]:
        return {(s["service"], s["name"]) for s in self.spans if s["trace"] == trace_id}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def running(
    receiver: Receiver, database: Callable[[str], str], vhost: Callable[[], Any], tmp_path: Any
) -> Iterator[dict[str, dict[str, str]]]:
    """Run one process per role, each sending its spans to the receiver."""
    host, urls = vhost(), {name: database(name) for name in ("sales", "support", "gateway")}
    started, envs = [], {}
    tracing = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_BSP_SCHEDULE_DELAY": "100"}
    for service, role in ROLES:
        env = environment(service, urls[service], host.url_of(service), **tracing)
        envs[f"{service}.{role}"] = env
        with (tmp_path / f"{service}.{role}.log").open("wb") as log:
            words = [sys.executable, "-m", f"crm_{service}", role]
            started.append(subprocess.Popen(words, env=env, stdout=log, stderr=log))
    for name, env in envs.items():
        wait_until(lambda e=env: is_ready(e), 60, what=name)
    yield envs
    for process in started:
        process.terminate()
    for process in started:
        process.wait(30)


def is_ready(env: dict[str, str]) -> bool:
    try:
        url = f"http://127.0.0.1:{env['CRM_OPS_PORT']}/readyz"
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def test_leads_from_the_request_to_the_reaction_and_the_view(
    running: dict[str, dict[str, str]], receiver: Receiver
) -> None:
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    who = Principal(actor="user:ann", roles=frozenset({"member"}))
    token = Signer(json.dumps(keys("gateway")[0])).token("sales", who)
    base = f"http://127.0.0.1:{running['sales.serve']['CRM_HTTP_PORT']}/v1/deals"
    headers = {"Authorization": f"Bearer {token}"}
    deal = httpx.post(base, json={"name": "Traced"}, headers=headers, trust_env=False).json()

    headers |= {"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01", "If-Match": '"1"'}
    won = httpx.put(f"{base}/{deal['id']}/win", headers=headers, json={}, trust_env=False)

    assert won.status_code == 200, won.text
    expected = {
        ("crm-sales", "PUT /v1/deals/<uuid:deal_id>/win"),
        ("crm-sales", "send sales.events"),
        ("crm-support", "process support.on.sales.deal.won.v1"),
        ("crm-gateway", "process gateway.view.sales"),
    }
    wait_until(lambda: expected <= receiver.of(trace_id), 30, what="every span of the trace")
    spans = {span["id"]: span for span in receiver.spans if span["trace"] == trace_id}
    (request,) = [span for span in spans.values() if span["name"].startswith("PUT ")]
    for span in spans.values():
        if span["name"].startswith(("send ", "process ")):
            assert spans[span["parent"]]["name"].startswith(("PUT ", "process "))
    assert request["parent"] == "00f067aa0ba902b7"
    statements = [
        s for s in spans.values() if s["service"] == "crm-sales" and "db.system" in s["said"]
    ]
    assert statements
    assert "Traced" not in str([span["said"] for span in spans.values()])


LOGS = """
import os, types
from crm_chassis import logs, tracing
logs.configure("support", "work")
tracing.start("support", "work")
fact = types.SimpleNamespace(type="x", traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
with tracing.reacting("support.on.x", fact):
    logs.get("x").info("within")
logs.get("x").info("without")
os._exit(0)
"""


ASKED = """
from crm_chassis import metrics, tracing
from crm_chassis.records import Peers
tracing.start("gateway", "serve")
ops = metrics.Ops(token="t")
ops.routes["/internal/facts"] = lambda request: metrics.answer({"facts": [], "next": "", "more": False})
server = ops.serve("127.0.0.1", 0)
peers = Peers({"sales": f"http://127.0.0.1:{server.port}"}, ops_token="t")
came = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
with tracing.serving("GET", "/v1/<path:path>", came):
    peers._get("sales", "/internal/facts", {})
    tracing.answered(200)
tracing.served("GET", "/v1/customers", 304, seconds=0.001)
from opentelemetry import trace
trace.get_tracer_provider().shutdown()
"""


def said(words: str, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", words], env={"PATH": "/usr/bin", **env}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    return done.stdout


def test_is_named_by_every_log_line_within_a_span() -> None:
    printed = said(LOGS, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9")
    within, without = (json.loads(line) for line in printed.splitlines())

    assert within["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert len(within["span_id"]) == 16
    assert "trace_id" not in without


def test_goes_on_from_a_call_in_front_of_flask_to_the_ops_port_of_another(
    receiver: Receiver,
) -> None:
    said(ASKED, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url)

    spans = {span["name"]: span for span in receiver.spans}
    call, asked = spans["GET /v1/<path:path>"], spans["GET sales"]
    assert ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7") == (
        call["trace"],
        call["parent"],
    )
    assert (call["id"], asked["id"]) == (asked["parent"], spans["GET /internal/facts"]["parent"])
    assert "http.response.status_code" in call["said"]
    assert "304" in spans["GET /v1/customers"]["said"]


def test_off_sends_nothing_and_loads_nothing() -> None:
    words = "import crm_chassis.tracing as t, sys; t.start('x', 'y')"
    words += "; print(t.is_on(), t.current(), 'opentelemetry.sdk' in sys.modules)"

    assert said(words).split() == ["False", "None", "False"]
    assert "trace_id" not in said(LOGS)
