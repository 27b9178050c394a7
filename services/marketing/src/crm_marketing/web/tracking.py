"""/t: what the addresses in our mails lead to. Public: the signature in the address is the key."""

import base64
from typing import cast

from flask import Response, current_app, redirect, render_template_string, request

from crm_chassis import clock, db, web
from crm_chassis.web.blueprints import Blueprint
from crm_marketing.commands import engagement
from crm_marketing.model.tracking import Tracking

tracking = Blueprint("tracking", __name__, url_prefix="/t", description="Opens and clicks")
_GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_ASK = "Do you want no more mails of this kind?"
_DONE = "You will get no more mails of this kind."
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Unsubscribe</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<style>body{font:1.125rem/1.5 system-ui,sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem}
button{font:inherit;padding:.75rem 1.5rem;min-height:2.75rem}</style></head>
<body><main><h1>{{ said }}</h1>{% if asks %}<form method="post"><button type="submit">Unsubscribe</button></form>{% endif %}
</main></body></html>"""
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


@tracking.get("/u/<token>")
@tracking.response(200, content_type="text/html")
@tracking.doc(security=[])
def ask_to_unsubscribe(token: str) -> Response:
    """Ask whether no more mails are wanted: who only looks at links does not unsubscribe anybody."""
    _tracking().unsubscribed(token)
    return _page(_ASK)


@tracking.post("/u/<token>")
@tracking.response(200, content_type="text/html")
@tracking.doc(security=[])
def unsubscribe(token: str) -> Response:
    """Take note that no more mails are wanted, by the page's button or with one click (RFC 8058)."""
    command = engagement.Unsubscribe(message_id=_tracking().unsubscribed(token))
    with db.transaction(web.sessions(), _ADDRESSEE) as session:
        engagement.unsubscribe(session, command, now=clock.now())
    return _page(_DONE)


def _page(said: str) -> Response:
    html = render_template_string(_PAGE, said=said, asks=said == _ASK)
    response = Response(html, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
    )
    return response


def _tracking() -> Tracking:
    return cast("Tracking", current_app.extensions["tracking"])
