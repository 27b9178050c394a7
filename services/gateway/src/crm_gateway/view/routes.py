"""/v1/customers/{id}, its timeline, and /v1/search."""

import re
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson
from flask import Response, current_app, request
from flask_smorest import Blueprint

from crm_chassis import clock, web
from crm_chassis.auth import Principal
from crm_chassis.problems import Invalid, NotFound
from crm_gateway import schemas
from crm_gateway.queries import view as queries
from crm_gateway.view import render
from crm_gateway.view.live import Live
from crm_gateway.view.render import Freshness, Stored
from crm_gateway.view.shapes import SECTION_KINDS, SECTIONS, fold_text

WAIT_SECONDS = 0.3
_MOST_VERSIONS = 20
_VERSION = re.compile(r"([a-z_]+)/([0-9a-f-]{36})@(\d{1,18})")
_WATERMARKS_FOR_SECONDS = 0.5
JSON = "application/json"

customers = Blueprint("customers", __name__, url_prefix="/v1/customers")
found = Blueprint("search", __name__, url_prefix="/v1/search")


def blueprints() -> list[Blueprint]:
    """Return the view's blueprints; `app.extensions["view"]` must hold a Viewer."""
    return [customers, found]


class Viewer:
    """What the routes read with."""

    def __init__(self, read: Callable[[Callable[[Any], Any]], Any], live: Live) -> None:
        """`read` runs a function over a connection to the gateway's database."""
        self.read, self.live = read, live
        self._marks: tuple[float, dict[str, Any]] = (0.0, {})

    def document(self, customer_id: UUID) -> Stored | None:
        """Return the stored document, None when nothing is known of the id."""
        row = self.read(lambda connection: queries.document(connection, customer_id))
        return Stored.of_row(row) if row else None

    def standing(self) -> dict[str, Freshness]:
        """Return how each section stands; watermarks are read twice a second at most."""
        until, marks = self._marks
        if time.monotonic() > until:
            marks = self.read(queries.watermarks)
            self._marks = (time.monotonic() + _WATERMARKS_FOR_SECONDS, marks)
        return render.freshness(marks, now=clock.now())


def viewer() -> Viewer:
    """Return the application's viewer."""
    return current_app.extensions["view"]  # type: ignore[no-any-return]


@customers.route("/<uuid:customer_id>")
@customers.arguments(schemas.CustomerQueryIn, location="query")
@customers.response(200, schemas.CustomerOut)
def customer(args: dict[str, Any], customer_id: UUID) -> Response:
    """Everything the services know of a customer, each section with its freshness."""
    stored, standing = viewer().document(customer_id), viewer().standing()
    live = SECTIONS if args["consistency"] == "live" else _behind()
    if stored is None or not stored.known:
        live = SECTIONS
    if live:
        stored, fresher = viewer().live.document(customer_id, stored, only=live)
        standing |= fresher
    if stored is None or not stored.known:
        raise NotFound(f"customer {customer_id}")
    who = web.principal()
    response = Response(mimetype=JSON)
    response.set_etag(render.etag(stored, standing, who))
    if live:
        response.headers["X-CRM-Served-Live"] = ",".join(live)
    if not response.make_conditional(request).status_code == 304:  # noqa: SIM201 - werkzeug changes it in place
        response.set_data(render.render(stored, standing, who))
    return response


@customers.route("/<uuid:customer_id>/timeline")
@customers.arguments(schemas.TimelineIn, location="query")
@customers.response(200, schemas.TimelineOut)
def timeline(args: dict[str, Any], customer_id: UUID) -> Response:
    """A customer's timeline, newest first, keyset-paged, filterable by kind."""
    kinds = [kind for kind in (args["kind"] or "").split(",") if kind]
    try:
        bodies, next_ = viewer().read(
            lambda connection: queries.timeline(
                connection, customer_id, kinds=kinds, before=args["cursor"], limit=args["limit"],
                seen=_seen(web.principal()),
            )
        )  # fmt: skip
    except (ValueError, TypeError) as error:
        raise Invalid({"cursor": ["not a cursor of this list"]}) from error
    items = ",".join(bodies).encode()
    return Response(
        b'{"items":[' + items + b'],"next":' + orjson.dumps(next_) + b"}", mimetype=JSON
    )


@found.route("")
@found.arguments(schemas.SearchIn, location="query")
@found.response(200, schemas.SearchOut)
def search(args: dict[str, Any]) -> Response:
    """Find any record by words, beginnings of words, or something like them."""
    text = fold_text(args["q"]).strip()
    kinds = [kind for kind in (args["kind"] or "").split(",") if kind]
    rows = viewer().read(
        lambda connection: queries.search(
            connection, text, kinds=kinds or None, limit=args["limit"], seen=_seen(web.principal())
        )
    )
    items = [
        {"service": service, "kind": kind, "id": id_, "title": title, "customer_ids": customer_ids}
        for service, kind, id_, title, customer_ids in rows
    ]
    return Response(orjson.dumps({"items": items}), mimetype=JSON)


def _seen(who: Principal) -> tuple[bool, UUID | None, tuple[UUID, ...]]:
    return who.is_admin, who.user_id, who.team_ids


def _behind() -> tuple[str, ...]:
    """Wait for the versions the client has written; return the sections that are still behind."""
    wanted = _VERSION.findall(request.headers.get("X-CRM-Version", ""))[:_MOST_VERSIONS]
    if not wanted:
        return ()
    until = time.monotonic() + WAIT_SECONDS
    behind = _missing(wanted)
    while behind and time.monotonic() < until:
        time.sleep(0.01)
        behind = _missing(behind)
    return tuple(
        section
        for section in SECTIONS
        if any(kind in SECTION_KINDS[section] for kind, _, _ in behind)
    )


def _missing(wanted: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    def read(connection: Any) -> list[tuple[str, str, str]]:
        return [
            (kind, id_, version)
            for kind, id_, version in wanted
            if queries.record_version(connection, kind, UUID(id_)) < int(version)
        ]

    return viewer().read(read)  # type: ignore[no-any-return]
