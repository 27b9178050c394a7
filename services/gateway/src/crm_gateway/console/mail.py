"""Mails that did not go out: to people of the house, and to customers; why, and once more."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, redirect, url_for

from crm_chassis import clock, db, web
from crm_chassis.problems import Forbidden, Refusal
from crm_gateway import mails
from crm_gateway.console import asking
from crm_gateway.console import pages as rendering
from crm_gateway.queries import mails as queries

MOST_SHOWN = 20
_WRONG = ("failed", "unsure")
pages = Blueprint("mail", __name__, url_prefix="/settings/mail")


@pages.before_request
def only_admins() -> None:
    """What is wrong with a mail names who gets it."""
    if not web.principal().is_admin:
        raise Forbidden(detail="only administrators look after the mail")


@pages.get("")
def index() -> Response:
    """Show what failed of late, and what waits for another try."""
    return _shown()


@pages.post("/<uuid:mail_id>/retry")
def send_again(mail_id: UUID) -> Any:
    """Send a mail to somebody of the house once more."""
    try:
        with db.transaction(web.sessions(), web.context()) as session:
            mails.send_again(session, mail_id, now=clock.now())
    except Refusal as refusal:
        return _shown(rendering.draft("house", rendering.said(refusal)), int(refusal.status))
    return redirect(url_for(".index"), 303)


@pages.post("/messages/<uuid:message_id>/retry")
def send_message_again(message_id: UUID) -> Any:
    """Send a campaign's mail once more."""
    outcome = asking.write("marketing", "PUT", f"/v1/messages/{message_id}/retry")
    if not outcome.is_good:
        return _shown(rendering.draft("campaigns", outcome.reason), outcome.status)
    return redirect(url_for(".index", _anchor="campaigns"), 303)


def _shown(draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200) -> Response:
    with web.sessions()() as session:
        wrong = queries.gone_wrong(session, limit=MOST_SHOWN)
        waiting = queries.put_off(session, limit=MOST_SHOWN)
    messages, outcome = _messages()
    live = [[(each.id, each.state, each.due_at) for each in (*wrong, *waiting)], messages]
    if rendering.is_live(live):
        return rendering.unchanged(live)
    return rendering.page(
        "mail.html", status=status, draft=draft, wrong=wrong, waiting=waiting, outcome=outcome,
        messages=[(each, _delivery(each)) for each in messages], most=MOST_SHOWN, live=live,
        names=rendering.titles({each["contact_id"] for each in messages}),
        sends=current_app.extensions["desk"].sends,
    )  # fmt: skip


def _messages() -> tuple[list[dict[str, Any]], asking.Outcome]:
    """Return campaigns' mails that went wrong, the newest first."""
    found: list[dict[str, Any]] = []
    for status in _WRONG:
        outcome = asking.read("marketing", "/v1/messages", status=status, limit=MOST_SHOWN)
        if not outcome.is_good:
            return [], outcome
        found += outcome.body.get("items", [])
    return sorted(found, key=lambda each: str(each["updated_at"]))[: -MOST_SHOWN - 1 : -1], outcome


def _delivery(message: dict[str, Any]) -> dict[str, Any]:
    return asking.read("marketing", f"/v1/messages/{message['id']}/delivery").body
