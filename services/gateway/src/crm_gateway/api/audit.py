"""/v1/audit: who did what, over all services."""

from typing import Any

import orjson
from flask import Response, current_app

from crm_chassis import web
from crm_chassis.problems import Invalid
from crm_chassis.web.blueprints import Blueprint
from crm_gateway.clients import Asked
from crm_gateway.schemas import audit as schemas

trail = Blueprint("audit", __name__, url_prefix="/v1/audit")


@trail.route("")
@trail.arguments(schemas.TrailIn, location="query")
@trail.response(200, schemas.TrailOut)
@web.needs(special="audit")
def list_trail(args: dict[str, Any]) -> Response:
    """Who did what, when and from where, with values before and after, newest first."""
    try:
        found = current_app.extensions["trail"].page(Asked(**args), web.principal())
    except (ValueError, TypeError) as error:
        raise Invalid({"cursor": ["not a cursor of this list"]}) from error
    body = {"items": found.items, "next": found.next, "missing": found.missing}
    return Response(orjson.dumps(body, option=orjson.OPT_UTC_Z), mimetype="application/json")
