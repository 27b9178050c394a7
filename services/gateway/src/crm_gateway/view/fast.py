"""The fast path: a customer's page as ready bytes, answered in front of Flask.

It answers just what the route in `routes.py` would, for a plain `GET /v1/customers/{id}` of a known
caller and a known customer; who does not see all of a customer, and whatever else is asked or
missing, goes on to Flask.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol
from uuid import UUID

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from crm_chassis import ids, metrics, tracing
from crm_chassis.auth import Principal
from crm_chassis.problems import Refusal
from crm_gateway.view import render
from crm_gateway.view.reads import Reads, origin_of
from crm_gateway.view.viewer import Viewer

ROUTE = "/v1/customers/<uuid:customer_id>"
_PREFIX = "/v1/customers/"
_PATH_LENGTH = len(_PREFIX) + 36
# What the answer would depend on, or be measured by, beyond caller and customer.
_UNUSUAL = ("HTTP_X_CRM_VERSION", "HTTP_X_REQUEST_ID", "HTTP_TRACEPARENT")
Environ = dict[str, Any]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]
Answer = tuple[str, list[tuple[str, str]], bytes]


class Limit(Protocol):
    """A limit of requests per caller."""

    def takes(self, who: Principal) -> bool:
        """Count a request; return whether it is within the limit."""

    def headers(self, who: Principal) -> dict[str, str]:
        """Return the RateLimit headers of an answer."""


class FastPath:
    """A WSGI application before another one."""

    def __init__(
        self,
        behind: Wsgi,
        viewer: Viewer,
        principal: Callable[[str | None], Principal],
        limit: Limit,
        reads: Reads,
    ) -> None:
        """`principal` tells the caller from an Authorization header, or raises a Refusal."""
        self._behind, self._viewer, self._reads = behind, viewer, reads
        self._principal, self._limit = principal, limit

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer, or pass on."""
        began = time.perf_counter()
        answer = self._answer(environ) if _is_plain(environ) else None
        if answer is None:
            return self._behind(environ, start_response)
        status, headers, body = answer
        took = time.perf_counter() - began
        tracing.served("GET", ROUTE, int(status[:3]), seconds=took)
        metrics.http_seconds.labels("GET", ROUTE, int(status[:3])).observe(took)
        start_response(status, headers)
        return (body,)

    def _answer(self, environ: Environ) -> Answer | None:
        """Return status, headers and body; None for what Flask knows better how to say."""
        try:
            customer_id = UUID(environ["PATH_INFO"][len(_PREFIX) :])
            who = self._principal(environ.get("HTTP_AUTHORIZATION"))
            stored, standing = self._viewer.stored(customer_id), self._viewer.standing()
        except (ValueError, Refusal, psycopg.Error):
            return None
        if (
            stored is None
            or not stored.known
            or stored.merged_into
            or not render.is_ready_for(stored, who)
        ):
            return None
        if not self._limit.takes(who):
            return None
        tag, request_id = f'"{render.etag(stored, standing)}"', str(ids.new())
        headers = [
            ("ETag", tag), ("X-Request-Id", request_id),
            *self._limit.headers(who).items(),
        ]  # fmt: skip
        if environ.get("HTTP_IF_NONE_MATCH") == tag:
            return "304 NOT MODIFIED", headers, b""
        try:
            self._reads.note(who, customer_id, origin_of(environ, who, request_id))
        except (SQLAlchemyError, psycopg.Error):
            return None
        body = render.render(stored, standing)
        length = ("Content-Length", str(len(body)))
        return "200 OK", [("Content-Type", "application/json"), length, *headers], body


def _is_plain(environ: Environ) -> bool:
    path = environ["PATH_INFO"]
    return (
        environ["REQUEST_METHOD"] == "GET"
        and len(path) == _PATH_LENGTH
        and path.startswith(_PREFIX)
        and not environ.get("QUERY_STRING")
        and not any(name in environ for name in _UNUSUAL)
    )
