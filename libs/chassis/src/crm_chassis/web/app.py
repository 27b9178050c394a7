"""Building a service's Flask application: who calls, how it fails, what it documents."""

import re
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Protocol
from uuid import UUID

import orjson
from flask import Flask, Request, Response, current_app, g, request
from flask_smorest import Api, Blueprint
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
)

from crm_chassis import db, ids, logs, metrics, tracing
from crm_chassis.auth import Principal, Verifier
from crm_chassis.problems import Invalid, Refusal, Unavailable, problem
from crm_chassis.rights import RoleBook
from crm_chassis.web import ageing, bodies, guard, openapi, sparse
from crm_chassis.web.bodies import LARGEST_JSON

RETRY_AFTER_SECONDS = "2"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,80}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
log = logs.get(__name__)


class Identifies(Protocol):
    """Whatever can tell from an Authorization header who calls."""

    def principal(self, authorization: str | None) -> Principal:
        """Return the caller. Raises Unauthenticated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """What the chassis keeps on the application."""

    service: str
    sessions: sessionmaker[Session]
    verifier: Identifies
    roles: RoleBook
    conflicts: Mapping[str, type[Refusal]] = field(default_factory=dict)
    open_paths: frozenset[str] = frozenset()
    is_edge: bool = False


def create_app(
    service: str,
    *,
    title: str,
    blueprints: Iterable[Blueprint],
    sessions: sessionmaker[Session],
    token_keys: str | None = None,
    verifier: Identifies | None = None,
    conflicts: Mapping[str, type[Refusal]] | None = None,
    open_paths: Iterable[str] = (),
    is_edge: bool = False,
) -> Flask:
    """Return the application of one service.

    `conflicts` names, for each unique constraint or index, the refusal a breach of it means.
    Callers are known by `verifier`, which by default takes the tokens `token_keys` vouch for;
    only paths under /v1/ need one, but for `open_paths` (like `POST /v1/auth/token`). `is_edge`:
    callers come here themselves; else the edge says in a header where they are.
    """
    app = Flask(f"crm_{service}")
    app.config.update(
        API_TITLE=title, API_VERSION="v1", OPENAPI_VERSION="3.1.0", MAX_CONTENT_LENGTH=LARGEST_JSON
    )
    app.url_map.strict_slashes = False
    app.request_class = _JsonRequest
    app.extensions["crm"] = Extension(
        service=service,
        sessions=sessions,
        verifier=verifier or Verifier(token_keys or "", service),
        roles=RoleBook(sessions),
        open_paths=frozenset(open_paths),
        conflicts=conflicts or {},
        is_edge=is_edge,
    )
    api = _ProblemApi(app)
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    _accompany_requests(app)
    own = openapi.finished(api.spec.to_dict(), service)
    app.extensions["openapi"] = lambda: own
    app.add_url_rule("/openapi.json", "openapi", _document)
    return app


def _accompany_requests(app: Flask) -> None:
    """Have each request checked before it is answered and its answer finished, in this order."""
    for check in (
        bodies.allow_form, _identify, _authenticate, guard.check_right, bodies.check_input,
        guard.check_fields,
    ):  # fmt: skip
        app.before_request(check)
    for finish in (_finish, ageing.tell, guard.filtered, sparse.narrowed):
        app.after_request(finish)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(Exception, _failed)
    tracing.follow_requests(app)


def _document() -> Response:
    document = current_app.extensions["openapi"]()
    return Response(orjson.dumps(document), mimetype="application/json")


class _ProblemApi(Api):
    def handle_http_exception(self, error: HTTPException) -> Response:
        """Answer every werkzeug exception, webargs' field errors among them, as a problem."""
        messages = getattr(error, "data", {}).get("messages", {})
        if error.code == HTTPStatus.UNPROCESSABLE_ENTITY:
            fields = {k: v for where in messages.values() for k, v in _flat(where)}
            return problem_response(Invalid(fields))
        refusal = Refusal(detail=error.description)
        refusal.slug, refusal.status = error.name.lower().replace(" ", "-"), error.code or 500  # type: ignore[misc]
        refusal.title = error.name
        response = problem_response(refusal)
        allowed = getattr(error, "valid_methods", None)
        if allowed:
            response.headers["Allow"] = ", ".join(sorted(allowed))
        return response


class _JsonRequest(Request):
    """Parses JSON with orjson; says 400 for what is not JSON."""

    def get_json(self, *_: Any, **__: Any) -> Any:
        """Return the body's value, None without a body."""
        data = self.get_data()
        if not data:
            return None
        try:
            return orjson.loads(data)
        except ValueError as error:
            raise BadRequest(f"not JSON: {error}") from error


def problem_response(refusal: Refusal) -> Response:
    """Return the answer for a refusal."""
    body = problem(refusal, instance=request.path, request_id=g.get("request_id", ""))
    response = Response(
        orjson.dumps(body), status=refusal.status, mimetype="application/problem+json"
    )
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    elif refusal.status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def _identify() -> None:
    g.began = time.perf_counter()
    given = request.headers.get("X-Request-Id", "")
    g.correlation_id = ids.new()
    g.request_id = given if _REQUEST_ID.fullmatch(given) else str(g.correlation_id)
    with suppress(ValueError):
        g.correlation_id = UUID(given)


def _authenticate() -> None:
    ours = current_app.extensions["crm"]
    open_to_all = f"{request.method} {request.path}" in ours.open_paths
    if request.url_rule is None or not _is_api() or open_to_all:
        return
    who = ours.verifier.principal(request.headers.get("Authorization"))
    if who.grants is None and who.role_versions:
        who = replace(who, grants=ours.roles.grants(who.roles, who.role_versions))
    g.principal = who


def _is_api() -> bool:
    return request.path.startswith("/v1/")


def _finish(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id", "")
    route = str(request.url_rule or "unmatched")
    method = request.method if request.method in _METHODS else "_OTHER"
    took = time.perf_counter() - g.get("began", time.perf_counter())
    metrics.http_seconds.labels(method, route, response.status_code).observe(took)
    return response


def _refused(refusal: Refusal) -> Response:
    return problem_response(guard.cleared(refusal))


def _failed(error: Exception) -> Response:
    if isinstance(error, HTTPException):
        raise error
    if db.is_infrastructure(error):
        log.warning("request put off", extra={"cause": type(error).__name__})
        return problem_response(Unavailable(detail="the database is away; try again soon"))
    log.error("request failed", exc_info=error, extra={"request_id": g.get("request_id", "")})
    refusal = Refusal(detail="an unexpected error; it has been logged")
    refusal.slug, refusal.status = "internal-error", 500  # type: ignore[misc]
    refusal.title = "Something went wrong here"
    return problem_response(refusal)


def _flat(where: Any, prefix: str = "") -> Iterable[tuple[str, list[str]]]:
    if isinstance(where, dict):
        for name, value in where.items():
            dotted = str(name) if not prefix else f"{prefix}.{name}"
            yield from _flat(value, dotted if name != "_schema" else prefix or "body")
        return
    reasons = where if isinstance(where, list) else [where]
    yield prefix or "body", [str(reason) for reason in reasons]
