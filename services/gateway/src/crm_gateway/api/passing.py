"""The plain way through: a known caller's call of a service, passed on in front of Flask.

It does what `through.py` does, for JSON that goes to a service and comes back; whatever is unusual
or refused before the call goes on to Flask. The service checks the body, as it checks everybody's.
"""

import io
import re
import time
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

import orjson

from crm_chassis import ids, metrics, tracing
from crm_chassis.auth import Principal
from crm_chassis.problems import Refusal, problem
from crm_chassis.web import ADDRESS
from crm_chassis.web.app import RETRY_AFTER_SECONDS
from crm_chassis.web.bodies import LARGEST_JSON, LONGEST_URL
from crm_gateway.api.callers import Callers
from crm_gateway.api.through import PASSED_BACK, PASSED_ON
from crm_gateway.clients import Documents, Reply, Services

ROUTE = "/v1/<path:path>"
Environ = dict[str, Any]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]
Note = Callable[[Environ, Principal, int, str], None]  # status, request id
_PATH = re.compile(r"/v1/[A-Za-z0-9_-]+(?:/[A-Za-z0-9_~-]+)*")
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_METHODS = _WITH_BODY | {"GET", "DELETE"}
_UNUSUAL = ("HTTP_X_REQUEST_ID", "HTTP_TRANSFER_ENCODING", "HTTP_EXPECT")
_SENT = tuple(
    (name, name.upper().replace("-", "_") if name == "Content-Type" else
     "HTTP_" + name.upper().replace("-", "_"))
    for name in PASSED_ON
)  # fmt: skip
_REASONS = {status.value: f"{status.value} {status.phrase.upper()}" for status in HTTPStatus}


class Passing:
    """A WSGI application before another one."""

    def __init__(
        self, behind: Wsgi, services: Services, documents: Documents,
        principal: Callable[[str | None], Principal], limit: Callers, *, note: Note,
    ) -> None:  # fmt: skip
        """`principal` tells the caller from an Authorization header, or raises a Refusal.

        `note` is told of every answer before it is given.
        """
        self._behind, self._services, self._documents = behind, services, documents
        self._note = note
        self._principal, self._limit = principal, limit

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Pass the request through, or on."""
        began = time.perf_counter()
        known = self._known(environ)
        if known is None or (body := _body(environ)) is None:
            return self._behind(environ, start_response)
        owner, who = known
        request_id, method = str(ids.new()), environ["REQUEST_METHOD"]
        with tracing.serving(method, ROUTE, environ.get("HTTP_TRACEPARENT")):
            try:
                reply = self._call(environ, owner, who, body, request_id)
                self._note(environ, who, reply.status, request_id)
            except Refusal as refusal:
                reply = _refused(refusal, environ["PATH_INFO"], request_id)
            tracing.answered(reply.status)
        headers = [(name, reply.headers[name]) for name in PASSED_BACK if name in reply.headers]
        headers += [("X-Request-Id", request_id), *self._limit.headers(who).items()]
        if isinstance(reply.body, bytes):
            headers.append(("Content-Length", str(len(reply.body))))
        took = time.perf_counter() - began
        metrics.http_seconds.labels(method, ROUTE, reply.status).observe(took)
        start_response(_REASONS.get(reply.status, f"{reply.status} UNKNOWN"), headers)
        return (reply.body,) if isinstance(reply.body, bytes) else reply.body

    def _known(self, environ: Environ) -> tuple[str, Principal] | None:
        """Return the owner and the caller of a plain request that is within the caller's limit."""
        if not _is_plain(environ):
            return None
        try:
            owner = self._documents.owner(environ["PATH_INFO"])
            who = self._principal(environ.get("HTTP_AUTHORIZATION")) if owner else None
        except Refusal:
            return None
        return (owner, who) if owner and who and self._limit.takes(who) else None

    def _call(
        self, environ: Environ, owner: str, who: Principal, body: bytes, request_id: str
    ) -> Reply:
        query = environ.get("QUERY_STRING")
        headers = {name: environ[key] for name, key in _SENT if key in environ}
        if not body:
            headers.pop("Content-Type", None)
        headers["X-Request-Id"] = request_id
        if address := environ.get("REMOTE_ADDR"):
            headers[ADDRESS] = address
        target = environ["PATH_INFO"] + (f"?{query}" if query else "")
        return self._services.call(
            owner, environ["REQUEST_METHOD"], target, principal=who, body=body or None,
            headers=headers,
        )  # fmt: skip


def _is_plain(environ: Environ) -> bool:
    path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
    method, length = environ["REQUEST_METHOD"], environ.get("CONTENT_LENGTH") or "0"
    has_body = length != "0"
    return (
        method in _METHODS
        and _PATH.fullmatch(path) is not None
        and query.isascii()
        and "%00" not in query
        and len(path) + len(query) <= LONGEST_URL
        and length.isdigit()
        and int(length) <= LARGEST_JSON
        and (not has_body or (method in _WITH_BODY and _is_json(environ)))
        and not any(name in environ for name in _UNUSUAL)
    )


def _is_json(environ: Environ) -> bool:
    kind = str(environ.get("CONTENT_TYPE", "")).partition(";")[0]
    return kind.strip().lower() == "application/json"


def _body(environ: Environ) -> bytes | None:
    """Return the whole body; None, with what came put back, when the caller broke off."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body: bytes = environ["wsgi.input"].read(length) if length else b""
    if len(body) == length:
        return body
    environ["wsgi.input"] = io.BytesIO(body)
    return None


def _refused(refusal: Refusal, path: str, request_id: str) -> Reply:
    headers: Mapping[str, str] = {"Content-Type": "application/problem+json"}
    if refusal.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers = {**headers, "Retry-After": RETRY_AFTER_SECONDS}
    body = problem(refusal, instance=path, request_id=request_id)
    return Reply(int(refusal.status), headers, orjson.dumps(body))
