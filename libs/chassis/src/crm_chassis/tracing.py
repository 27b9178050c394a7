"""One trace from a request through outbox, relay and reaction to the view, where an exporter is set.

`OTEL_EXPORTER_OTLP_ENDPOINT` (or `…_TRACES_ENDPOINT`) switches it on; the SDK reads its own further
variables. Off, every function here is one comparison with None.
"""

import os
import time
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import psycopg
    from flask import Flask
    from opentelemetry.trace import Tracer

SYSTEM = "rabbitmq"
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_NOTHING = nullcontext()
_tracer: "Tracer | None" = None


class Traced(Protocol):
    """What came by message and belongs to a trace."""

    @property
    def type(self) -> str:
        """The type of the fact."""

    @property
    def traceparent(self) -> str | None:
        """Where it comes from."""


def start(service: str, role: str) -> None:
    """Send spans of this process to the exporter the environment names; without one do nothing."""
    global _tracer  # noqa: PLW0603 - one per process, like the SDK's own provider
    if _tracer is not None or not any(os.environ.get(name) for name in _ENDPOINTS):
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    named = {"service.name": f"crm-{service}", "service.namespace": "crm", "crm.role": role}
    provider = TracerProvider(resource=Resource.create(named))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    _tracer = provider.get_tracer("crm_chassis")
    from opentelemetry import trace

    trace.set_tracer_provider(provider)


def follow_requests(app: "Flask") -> None:
    """Open a span for each request to the application."""
    if _tracer is not None:
        from opentelemetry.instrumentation.flask import FlaskInstrumentor

        FlaskInstrumentor().instrument_app(app)  # type: ignore[no-untyped-call]


def follow_statements(connection: "psycopg.Connection[Any]") -> None:
    """Open a span for each statement within another span; parameters are never recorded."""
    if _tracer is not None:
        from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor

        PsycopgInstrumentor().instrument_connection(connection)


def current() -> str | None:
    """Return the traceparent of what runs now, None when nothing is traced."""
    if _tracer is None:
        return None
    headers: dict[str, str] = {}
    inject(headers)
    return headers.get("traceparent")


def inject(headers: MutableMapping[str, str]) -> None:
    """Add the current span to the headers of a call."""
    if _tracer is not None:
        from opentelemetry.propagate import inject as write

        write(headers)


@contextmanager
def calling(peer: str, method: str, headers: MutableMapping[str, str]) -> Iterator[None]:
    """Open the span of a call to another service, and name it in the call's headers."""
    if _tracer is None:
        yield
        return
    from opentelemetry.trace import SpanKind

    named = {"server.address": peer, "http.request.method": method}
    with _tracer.start_as_current_span(f"{method} {peer}", kind=SpanKind.CLIENT, attributes=named):
        inject(headers)
        yield


def serving(method: str, route: str, traceparent: str | None) -> AbstractContextManager[object]:
    """Open the span of a request that is answered without Flask, for `answered`."""
    if _tracer is None:
        return _NOTHING
    from opentelemetry.trace import SpanKind

    named = {"http.request.method": method, "http.route": route}
    return _tracer.start_as_current_span(
        f"{method} {route}", context=_context(traceparent), kind=SpanKind.SERVER, attributes=named
    )


def served(method: str, route: str, status: int, *, seconds: float) -> None:
    """Note the span of a request that was answered just now, and asked nobody else."""
    if _tracer is None:
        return
    from opentelemetry.trace import SpanKind

    named: dict[str, str | int] = {
        "http.request.method": method, "http.route": route, "http.response.status_code": status,
    }  # fmt: skip
    began = time.time_ns() - int(seconds * 1e9)
    _tracer.start_span(
        f"{method} {route}", kind=SpanKind.SERVER, attributes=named, start_time=began
    ).end()


def answered(status: int) -> None:
    """Say in the current span with which status the request was answered."""
    if _tracer is not None:
        from opentelemetry.trace import get_current_span

        get_current_span().set_attribute("http.response.status_code", status)


@contextmanager
def reacting(consumer: str, fact: Traced) -> Iterator[None]:
    """Open the span of a reaction to a fact, as the continuation of what told it."""
    if _tracer is None:
        yield
        return
    from opentelemetry.trace import SpanKind

    with _tracer.start_as_current_span(
        f"process {consumer}",
        context=_context(fact.traceparent),
        kind=SpanKind.CONSUMER,
        attributes=_named("process", consumer, fact.type),
    ):
        yield


def folded(consumer: str, facts: Sequence[Traced], *, began: int) -> None:
    """Note a span from `began` (ns since 1970) to now for each fact of a batch that has a trace."""
    _note("process", consumer, facts, began, consumes=True)


def published(exchange: str, facts: Sequence[Traced], *, began: int) -> None:
    """Note a span from `began` (ns since 1970) to now for each fact that the broker has."""
    _note("send", exchange, facts, began, consumes=False)


def is_on() -> bool:
    """Say whether it is worth while to look for a traceparent."""
    return _tracer is not None


def ids() -> Mapping[str, str]:
    """Return trace_id and span_id for a log line, nothing outside of a span."""
    if _tracer is None:
        return {}
    from opentelemetry.trace import format_span_id, format_trace_id, get_current_span

    found = get_current_span().get_span_context()
    if not found.is_valid:
        return {}
    return {"trace_id": format_trace_id(found.trace_id), "span_id": format_span_id(found.span_id)}


def _note(
    verb: str, destination: str, facts: Sequence[Traced], began: int, *, consumes: bool
) -> None:
    if _tracer is None:
        return
    from opentelemetry.trace import SpanKind

    kind = SpanKind.CONSUMER if consumes else SpanKind.PRODUCER
    for fact in facts:
        if fact.traceparent:
            _tracer.start_span(
                f"{verb} {destination}",
                context=_context(fact.traceparent),
                kind=kind,
                attributes=_named(verb, destination, fact.type),
                start_time=began,
            ).end()


def _context(traceparent: str | None) -> Any:
    from opentelemetry.propagate import extract

    return extract({"traceparent": traceparent} if traceparent else {})


def _named(verb: str, destination: str, type_: str) -> dict[str, str]:
    return {
        "messaging.system": SYSTEM,
        "messaging.operation.name": verb,
        "messaging.destination.name": destination,
        "cloudevents.event_type": type_,
    }
