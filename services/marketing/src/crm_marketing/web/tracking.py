"""/t: what the addresses in our mails lead to. Public: the signature in the address is the key."""

import base64
from typing import cast

from flask import Response, current_app, redirect, request

from crm_chassis import clock, db, web
from crm_chassis.web.blueprints import Blueprint
from crm_marketing.commands import engagement
from crm_marketing.model.tracking import Tracking

tracking = Blueprint("tracking", __name__, url_prefix="/t", description="Opens and clicks")
_GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_ADDRESSEE = db.Context(actor="addressee", source="event")


@tracking.get("/o/<token>.gif")
@tracking.response(200, content_type="image/gif")
@tracking.doc(security=[])
def open_message(token: str) -> Response:
    """Count an open and answer with an empty picture."""
    message_id = _tracking().opened(token)
    if request.method == "GET":
        with db.transaction(web.sessions(), _ADDRESSEE) as session:
            command = engagement.RecordOpen(message_id=message_id)
            engagement.record_open(session, command, now=clock.now())
    return Response(_GIF, mimetype="image/gif", headers={"Cache-Control": "no-store"})


@tracking.get("/c/<token>")
@tracking.response(302)
@tracking.doc(security=[])
def follow_link(token: str) -> Response:
    """Note a click and lead on to where the link goes."""
    message_id, url = _tracking().clicked(token)
    if request.method == "GET":
        with db.transaction(web.sessions(), _ADDRESSEE) as session:
            command = engagement.RecordClick(message_id=message_id)
            engagement.record_click(session, command, now=clock.now())
    answer = cast("Response", redirect(url, 302))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _tracking() -> Tracking:
    return cast("Tracking", current_app.extensions["tracking"])
