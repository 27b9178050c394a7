"""The customer page: everything the services know of somebody, with quick forms."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from flask import Blueprint, Response, current_app, redirect, request, session, url_for

from crm_chassis import web
from crm_chassis.problems import Invalid, NotFound
from crm_gateway.console import asking, formats, hierarchy, notes
from crm_gateway.console import pages as rendering
from crm_gateway.console.house import house

KINDS: Mapping[str, tuple[str, ...]] = {
    "deals": tuple(
        f"deal.{verb}"
        for verb in ("created", "stage_changed", "won", "lost", "reopened", "archived", "restored")
    ),
    "tickets": (
        *(f"ticket.{verb}" for verb in ("opened", "priority_changed", "resolved", "reopened")),
        "ticket.closed", "message.received", "sla.breached",
    ),
    "mail": ("message.sent", "message.failed", "message.opened", "message.clicked"),
    "notes": ("note.added", "interaction.logged"),
    "tasks": ("task.created", "task.completed"),
    "purchases": (
        *(f"order.{verb}" for verb in ("carted", "placed", "cancelled", "refunded")),
        *(f"invoice.{verb}" for verb in ("recorded", "overdue", "paid", "voided", "written_off")),
        *(f"subscription.{verb}" for verb in ("started", "cancelled", "ended")),
    ),
    "documents": tuple(
        f"document.{verb}"
        for verb in ("added", "version_added", "activated", "signed", "cancelled", "expired")
    ),
    "campaigns": ("segment.entered", "segment.left", "enrollment.created"),
}  # fmt: skip
PAGE_SIZE = 30
_MOST_WRITTEN = 20

pages = Blueprint("customers", __name__)


@pages.get("/customers/<uuid:customer_id>")
def show(customer_id: UUID) -> Response:
    """Show a customer."""
    return shown(customer_id)


@pages.get("/customers/<uuid:customer_id>/sections")
def sections(customer_id: UUID) -> Response:
    """Answer an open page: 304, or its parts as they are now."""
    tag = rendering.viewer().etag(customer_id, web.principal())
    if tag is None:
        raise NotFound(f"customer {customer_id}")
    response = Response(mimetype="text/html", headers={"Cache-Control": "no-store"})
    response.set_etag(tag)
    if response.make_conditional(request).status_code != 304:
        values = _values(customer_id, written="")
        response.set_data(rendering.block("customer.html", "sections", **values))
    return response


@pages.post("/customers/<uuid:customer_id>/notes")
def add_note(customer_id: UUID) -> Any:
    """Add a note."""
    return written(customer_id, "note", notes.posted(_subjects(customer_id)))


@pages.post("/customers/<uuid:customer_id>/tasks")
def add_task(customer_id: UUID) -> Any:
    """Add a task, due at the end of a day's work."""
    given = request.form
    body = {
        "title": given.get("title", ""),
        "due_at": _read("due_on", formats.end_of_day),
        "assignee_id": given.get("assignee_id") or str(web.principal().user_id),
        "priority": given.get("priority") or "normal",
        "subjects": _subjects(customer_id),
    }
    return written(customer_id, "task", asking.write("contacts", "POST", "/v1/tasks", body))


@pages.post("/customers/<uuid:customer_id>/tasks/<uuid:task_id>/completion")
def complete_task(customer_id: UUID, task_id: UUID) -> Any:
    """Tick a task off."""
    outcome = asking.write(
        "contacts", "PUT", f"/v1/tasks/{task_id}/completion", version=request.form.get("version")
    )
    return written(customer_id, "completion", outcome)


@pages.post("/customers/<uuid:customer_id>/interactions")
def log_interaction(customer_id: UUID) -> Any:
    """Log a call, a meeting, a visit."""
    given = request.form
    body = {
        "type": given.get("type", "call"),
        "direction": given.get("direction") or None,
        **{name: given.get(name) or None for name in ("subject", "summary", "outcome")},
        "at": _read("at", formats.instant),
        "duration_seconds": _read("minutes", formats.seconds_of_minutes),
        "subjects": [*_subjects(customer_id), *_others()],
    }
    outcome = asking.write("contacts", "POST", "/v1/interactions", body)
    return written(customer_id, "interaction", outcome)


@pages.post("/customers/<uuid:customer_id>/consents")
def record_consent(customer_id: UUID) -> Any:
    """Write down what a contact said."""
    given = request.form
    body: dict[str, Any] = {name: given.get(name, "") for name in ("channel", "purpose", "status")}
    body |= {name: given[name] for name in ("source", "legal_basis") if given.get(name)}
    why = given.get("explanation")
    body |= {"evidence": {"explanation": why}} if why else {}
    path = f"/v1/contacts/{customer_id}/consents"
    return written(customer_id, "consent", asking.write("contacts", "POST", path, body))


@pages.post("/customers/<uuid:customer_id>/verification")
def verify(customer_id: UUID) -> Any:
    """Say whether an e-mail address or telephone number is right."""
    given = request.form
    body = {name: given[name] for name in ("email", "phone", "quality", "why") if given.get(name)}
    path = f"/v1/contacts/{customer_id}/verification"
    return written(customer_id, "verification", asking.write("contacts", "PUT", path, body))


@pages.post("/customers/<uuid:customer_id>/preferences")
def set_preferences(customer_id: UUID) -> Any:
    """Say how a contact wants to be written to; a pause ends with its last day."""
    given = request.form
    caps = {
        channel: {"most": int(most) if most.isdecimal() else most, "per": given[f"per.{channel}"]}
        for channel in ("email", "phone", "sms", "post")
        if (most := given.get(f"most.{channel}", "").strip())
    }
    body = {
        "channel": given.get("channel") or None, "language": given.get("language") or None,
        "pause_from": _read("pause_from", formats.start_of_day),
        "pause_until": _read("pause_until", formats.start_of_next_day), "caps": caps,
    }  # fmt: skip
    path = f"/v1/contacts/{customer_id}/preferences"
    outcome = asking.write("contacts", "PUT", path, body, version=given.get("version"))
    return written(customer_id, "preferences", outcome)


def shown(
    customer_id: UUID, *, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200
) -> Response:
    """Show the page, with a form that was refused."""
    written = ",".join(session.pop("written", [])) if request.method == "GET" else ""
    values = _values(customer_id, written=written)
    return rendering.page("customer.html", status=status, draft=draft, **values)


def _values(customer_id: UUID, *, written: str) -> dict[str, Any]:
    """The tag is read first: at worst an open page fetches once what it shows already."""
    viewer, who = rendering.viewer(), web.principal()
    tag = viewer.etag(customer_id, who) or ""
    customer = viewer.page(customer_id, who, written=written)
    if customer is None:
        raise NotFound(f"customer {customer_id}")
    current_app.extensions["reads"].note(who, customer_id, web.origin())
    return {
        "customer": customer,
        "sections": customer["sections"],
        "about": customer["sections"]["contacts"]["data"],
        "timeline": _timeline(customer_id, customer["timeline"]),
        "kinds": list(KINDS),
        "kind": request.args.get("kind", ""),
        "is_newest": not request.args.get("before"),
        "tag": tag,
        "people": house().active,
        "stream": notes.stream(customer["sections"]["contacts"]["data"]["notes"]),
        "path": f"/customers/{customer_id}",
        "local": formats.local_input,
        "last_day": formats.last_day,
        "related": rendering.titles(_ends(customer["sections"]["contacts"]["data"])),
        **_around(customer),
    }


def _ends(about: Mapping[str, Any]) -> set[str]:
    """Ids of those at either end of the relationships shown."""
    shown = about.get("relationships", ())
    return {each[end]["id"] for each in shown for end in ("from", "to")}


def _around(customer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a page shows beyond the view: where an account stands, who has left it."""
    if customer["kind"] == "account":
        return {"tree": hierarchy.tree(customer["id"]), "left": hierarchy.left(customer["id"])}
    contact = customer["sections"]["contacts"]["data"]["contact"] or {}
    inactive = [
        each["account_id"] for each in contact.get("account_links", ()) if not each["active"]
    ]
    return {"tree": None, "left": [], "names": rendering.titles(inactive)}


def _timeline(customer_id: UUID, newest: dict[str, Any]) -> dict[str, Any]:
    kind, before = request.args.get("kind", ""), request.args.get("before")
    if not kind and not before:
        return newest
    try:
        bodies, next_ = rendering.viewer().timeline(
            customer_id, web.principal(), kinds=KINDS.get(kind, ()), cursor=before, limit=PAGE_SIZE
        )
    except (ValueError, TypeError) as error:
        raise Invalid({"before": ["not a place in this timeline"]}) from error
    return {"items": [orjson.loads(body) for body in bodies], "next": next_}


def written(customer_id: UUID, form: str, outcome: asking.Outcome) -> Any:
    """Show the customer with what was written, or the form again with the reason."""
    if not outcome.is_good:
        draft = rendering.draft(form, outcome.reason)
        return shown(customer_id, draft=draft, status=outcome.status)
    if outcome.written:
        session["written"] = [*session.get("written", []), outcome.written][-_MOST_WRITTEN:]
    return redirect(
        url_for("console.customers.show", customer_id=customer_id, _anchor="contacts"), 303
    )


def _subjects(customer_id: UUID) -> list[dict[str, str]]:
    kind = "account" if request.form.get("kind") == "account" else "contact"
    return [{"type": kind, "id": str(customer_id)}]


def _others() -> list[dict[str, str]]:
    """What else it is about, besides the customer."""
    ticked = (each.partition(":") for each in request.form.getlist("about"))
    return [{"type": kind, "id": id_} for kind, _, id_ in ticked if kind in {"account", "deal"}]


def _read(name: str, reader: Any) -> Any:
    """Return a field's value; what is no date goes on as it is, for the service to refuse."""
    given = request.form.get(name, "")
    try:
        return reader(given)
    except ValueError:
        return given
