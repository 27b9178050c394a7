"""The list of tickets, and a ticket with its conversation."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for

from crm_chassis import web
from crm_gateway.console import asking, notes, own_fields
from crm_gateway.console import pages as rendering
from crm_gateway.console.house import house
from crm_gateway.queries import view

STATUSES = (
    "new", "open", "pending_customer", "pending_internal", "on_hold", "resolved", "closed", "spam",
)  # fmt: skip
PRIORITIES = ("low", "normal", "high", "urgent")
PAGE_SIZE, LONGEST_CONVERSATION, NOTES_SHOWN = 50, 200, 20

pages = Blueprint("tickets", __name__)


@pages.get("/tickets")
def index() -> Response:
    """List tickets, newest first."""
    status, assignee = request.args.get("status", ""), request.args.get("assignee", "")
    outcome = asking.read(
        "support", "/v1/tickets", limit=PAGE_SIZE, status=status,
        assignee_id=str(web.principal().user_id) if assignee == "me" else assignee,
        cursor=request.args.get("cursor"),
    )  # fmt: skip
    found = outcome.body.get("items", [])
    names = rendering.titles({ticket["requester_id"] for ticket in found})
    return rendering.page(
        "tickets.html", live=[outcome.status, found, names], tickets=found, outcome=outcome, chosen=status, assignee=assignee,
        statuses=STATUSES, people=house().active, next=outcome.body.get("next"),
        names=names,
    )  # fmt: skip


@pages.get("/tickets/<uuid:ticket_id>")
def show(ticket_id: UUID) -> Response:
    """Show a ticket."""
    return _shown(ticket_id)


@pages.post("/tickets/<uuid:ticket_id>/messages")
def reply(ticket_id: UUID) -> Any:
    """Answer the customer, or note something among ourselves."""
    audience = "internal" if request.form.get("visibility") == "internal" else "public"
    body = {"body": request.form.get("body", ""), "direction": "out", "visibility": audience}
    return _sent(ticket_id, "reply", "POST", "messages", body)


@pages.post("/tickets/<uuid:ticket_id>/status")
def change_status(ticket_id: UUID) -> Any:
    """Take another status."""
    return _sent(ticket_id, "status", "PUT", "status", {"status": request.form.get("status")})


@pages.post("/tickets/<uuid:ticket_id>/priority")
def prioritise(ticket_id: UUID) -> Any:
    """Set the priority."""
    body = {"priority": request.form.get("priority")}
    return _sent(ticket_id, "priority", "PUT", "priority", body)


@pages.post("/tickets/<uuid:ticket_id>/assignment")
def assign(ticket_id: UUID) -> Any:
    """Give the ticket to somebody or nobody; its team stays."""
    body = {
        "assignee_id": request.form.get("assignee_id") or None,
        "team_id": request.form.get("team_id") or None,
    }
    return _sent(ticket_id, "assignment", "PUT", "assignment", body)


@pages.post("/tickets/<uuid:ticket_id>/notes")
def add_note(ticket_id: UUID) -> Any:
    """Add a note on the ticket; it is seen on the customer's page too."""
    found = asking.read("support", f"/v1/tickets/{ticket_id}")
    if not found.is_good:
        return _shown(ticket_id, rendering.draft("note", found.reason), found.status)
    named = (("contact", "requester_id"), ("account", "account_id"))
    customers = [{"type": kind, "id": found.body[name]} for kind, name in named if found.body[name]]
    outcome = notes.posted([{"type": "ticket", "id": str(ticket_id)}, *customers])
    if not outcome.is_good:
        return _shown(ticket_id, rendering.draft("note", outcome.reason), outcome.status)
    return redirect(url_for(".show", ticket_id=ticket_id, _anchor="notes"), 303)


def _sent(ticket_id: UUID, form: str, method: str, part: str, body: dict[str, Any]) -> Any:
    outcome = asking.write(
        "support", method, f"/v1/tickets/{ticket_id}/{part}", body,
        version=request.form.get("version"),
    )  # fmt: skip
    if not outcome.is_good:
        draft = rendering.draft(form, outcome.reason)
        return _shown(ticket_id, draft=draft, status=outcome.status)
    return redirect(url_for(".show", ticket_id=ticket_id, _anchor=form), 303)


def _shown(
    ticket_id: UUID, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200
) -> Response:
    path = f"/v1/tickets/{ticket_id}"
    outcome = asking.read("support", path)
    ticket = outcome.body if outcome.is_good else None
    pulse = _pulse(ticket)
    if rendering.is_live(pulse):
        return rendering.unchanged(pulse)
    talk = asking.read(
        "support", f"{path}/messages", limit=LONGEST_CONVERSATION, cursor=request.args.get("after")
    )
    clocks = asking.read("support", f"{path}/clocks")
    return rendering.page(
        "ticket.html", status=status, draft=draft, ticket=ticket, outcome=outcome, talk=talk,
        stream=_notes(ticket_id, ticket), path=f"/tickets/{ticket_id}",
        clocks=clocks.body.get("items", []), statuses=STATUSES, priorities=PRIORITIES,
        people=house().active, names=_names(ticket), live=pulse if ticket else None,
        fields=own_fields.known("ticket") if ticket else [],
    )  # fmt: skip


def _pulse(ticket: dict[str, Any] | None) -> list[Any]:
    """Return what changes with the ticket, and with what is said, noted and promised in it.

    That is told of whoever asks, so the mark of all that is known of them is enough.
    """
    if ticket is None:
        return []
    named = [UUID(ticket[name]) for name in ("requester_id", "account_id") if ticket[name]]
    if not named:
        talk = asking.read(
            "support", f"/v1/tickets/{ticket['id']}/messages", limit=1, sort="-sent_at"
        )
        return [ticket, talk.body]
    return [ticket, rendering.viewer().read(lambda each: view.document_tags(each, named))]


def _notes(ticket_id: UUID, ticket: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The notes on the ticket and on who asks: sales and support see the same."""
    wanted = [str(ticket_id), (ticket or {}).get("requester_id"), (ticket or {}).get("account_id")]
    found = {
        note["id"]: note
        for subject_id in filter(None, wanted)
        for note in asking.read(
            "contacts", "/v1/notes", subject_id=subject_id, limit=NOTES_SHOWN
        ).body.get("items", ())
    }
    return notes.stream(found.values())


def _names(ticket: dict[str, Any] | None) -> dict[str, str]:
    return rendering.titles({ticket["requester_id"], ticket["account_id"]}) if ticket else {}
