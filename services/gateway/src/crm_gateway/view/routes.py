"""/v1/customers/{id}, its timeline, and /v1/search."""

from collections import Counter
from typing import Any
from uuid import UUID

import orjson
from flask import Response, current_app, request

from crm_chassis import web
from crm_chassis.problems import Invalid, NotFound
from crm_chassis.web.blueprints import Blueprint
from crm_gateway import schemas
from crm_gateway.queries.search import CONSIDERED
from crm_gateway.view import render
from crm_gateway.view.viewer import Viewer

JSON = "application/json"

customers = Blueprint("customers", __name__, url_prefix="/v1/customers")
found = Blueprint("search", __name__, url_prefix="/v1/search")


def blueprints() -> list[Blueprint]:
    """Return the view's blueprints; `app.extensions["view"]` must hold a Viewer."""
    return [customers, found]


def _note(customer_id: UUID) -> None:
    current_app.extensions["reads"].note(web.principal(), customer_id, web.origin())


def viewer() -> Viewer:
    """Return the application's viewer."""
    return current_app.extensions["view"]  # type: ignore[no-any-return]


@customers.route("/<uuid:customer_id>")
@customers.arguments(schemas.CustomerQueryIn, location="query")
@customers.response(200, schemas.CustomerOut)
@web.needs("read", kind="contact")
def customer(args: dict[str, Any], customer_id: UUID) -> Response:
    """Everything the services know of a customer, each section with its freshness."""
    seen = viewer().look(
        customer_id,
        web.principal(),
        written=request.headers.get("X-CRM-Version", ""),
        live=args["consistency"] == "live",
    )
    if seen is None:
        raise NotFound(f"customer {customer_id}")
    stored, standing, live = seen
    response = Response(mimetype=JSON)
    response.set_etag(render.etag(stored, standing))
    if live:
        response.headers["X-CRM-Served-Live"] = ",".join(live)
    if not response.make_conditional(request).status_code == 304:  # noqa: SIM201 - werkzeug changes it in place
        _note(customer_id)
        response.set_data(render.render(stored, standing))
    return response


@customers.route("/<uuid:customer_id>/timeline")
@customers.arguments(schemas.TimelineIn, location="query")
@customers.response(200, schemas.TimelineOut)
@web.needs("read", kind="contact", subject=())
def timeline(args: dict[str, Any], customer_id: UUID) -> Response:
    """A customer's timeline, newest first, keyset-paged, filterable by kind."""
    kinds = [kind for kind in (args["kind"] or "").split(",") if kind]
    try:
        bodies, next_ = viewer().timeline(
            customer_id, web.principal(), kinds=kinds, cursor=args["cursor"], limit=args["limit"]
        )
    except (ValueError, TypeError) as error:
        raise Invalid({"cursor": ["not a cursor of this list"]}) from error
    _note(customer_id)
    items = ",".join(bodies).encode()
    return Response(
        b'{"items":[' + items + b'],"next":' + orjson.dumps(next_) + b"}", mimetype=JSON
    )


@found.route("")
@found.arguments(schemas.SearchIn, location="query")
@found.response(200, schemas.SearchOut)
@web.needs()
def search(args: dict[str, Any]) -> Response:
    """Find any record by words, beginnings of words, or something like them.

    With `facets` also how many of each kind there are among the first 200.
    """
    kinds = [kind for kind in (args["kind"] or "").split(",") if kind]
    who, text = web.principal(), args["q"]
    told: dict[str, Any] = {"items": viewer().search(text, who, kinds=kinds, limit=args["limit"])}
    if args["facets"]:
        every = viewer().search(text, who, kinds=(), limit=CONSIDERED)
        numbers = Counter(each["kind"] for each in every).most_common()
        told["facets"] = [{"kind": kind, "count": count} for kind, count in numbers]
        told["counted_all"] = len(every) < CONSIDERED
    return Response(orjson.dumps(told), mimetype=JSON)
