"""The ops port: /livez, /readyz, /metrics and, with the ops token, /internal/*."""

import hmac
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from crm_chassis import logs, tracing

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logs.get(__name__)
Check = Callable[[], str | None]
Route = Callable[[Request], Response]


def answer(body: object, status: int = 200) -> Response:
    """Return a JSON response."""
    return Response(orjson.dumps(body), status=status, mimetype="application/json")


class Ops:
    """A small WSGI application with named readiness checks and internal routes."""

    def __init__(self, *, token: str) -> None:
        """`token` opens /internal/*."""
        self._token = token
        self.checks: dict[str, Check] = {}
        self.routes: dict[str, Route] = {}
        self.draining = threading.Event()
        self.registry: CollectorRegistry = REGISTRY

    def failures(self) -> Mapping[str, str]:
        """Return what keeps this process from being ready, by the name of the check."""
        # A copy: a check that waits lets a starting part add its own meanwhile.
        found = {name: _outcome(check) for name, check in tuple(self.checks.items())}
        if self.draining.is_set():
            found["draining"] = "stopping"
        return {name: reason for name, reason in found.items() if reason}

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        return self._answer(Request(environ))(environ, start)

    def _answer(self, request: Request) -> Response:
        if request.path == "/livez":
            return answer({"status": "ok"})
        if request.path == "/readyz":
            failures = self.failures()
            checks = {name: failures.get(name, "ok") for name in (*self.checks, *failures)}
            return answer({"ready": not failures, "checks": checks}, 503 if failures else 200)
        if request.path == "/metrics":
            return Response(generate_latest(self.registry), content_type=CONTENT_TYPE_LATEST)
        return self._internal(request)

    def _internal(self, request: Request) -> Response:
        route = self.routes.get(request.path)
        if route is None:
            return answer({"title": "There is no such page", "status": 404}, 404)
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            return answer({"title": "The ops token is missing or wrong", "status": 401}, 401)
        traceparent = request.headers.get("traceparent")
        try:
            with tracing.serving(request.method, request.path, traceparent):
                return route(request)
        except (ValueError, KeyError) as error:
            return answer({"title": "Bad request", "status": 400, "detail": str(error)}, 400)
        except Exception as error:  # noqa: BLE001 - a peer away, a database away: the operator is told
            log.warning("not done", extra={"path": request.path, "cause": repr(error)})
            detail = f"{type(error).__name__}: {error}"
            return answer({"title": "It could not be done", "status": 503, "detail": detail}, 503)

    def serve(self, host: str, port: int) -> BaseWSGIServer:
        """Serve on a thread of its own until `shutdown()` is called on what is returned."""
        server = make_server(host, port, self, threaded=True, request_handler=_Quiet)
        threading.Thread(target=server.serve_forever, name="ops", daemon=True).start()
        return server


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002
        """Say nothing: probes come every few seconds."""


def _outcome(check: Check) -> str | None:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - whatever fails, the probe must answer
        return f"{type(error).__name__}: {error}"
