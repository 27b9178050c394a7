"""The list of leads, and a lead on its way to a contact."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for

from crm_chassis import web
from crm_gateway.console import asking, own_fields
from crm_gateway.console import pages as rendering

STATUSES = (
    "new", "working", "nurturing", "qualified", "converting", "converted", "disqualified",
)  # fmt: skip
PAGE_SIZE = 50

pages = Blueprint("leads", __name__)


@pages.get("/leads")
def index() -> Response:
    """List leads, newest first."""
    asked = {name: request.args.get(name, "").strip() for name in ("q", "status", "owner")}
    outcome = asking.read(
        "sales", "/v1/leads", limit=PAGE_SIZE, q=asked["q"][:200], status=asked["status"],
        owner_id=str(web.principal().user_id) if asked["owner"] == "me" else "",
        cursor=request.args.get("cursor"),
    )  # fmt: skip
    found = outcome.body.get("items", [])
    return rendering.page(
        "leads.html", outcome=outcome, leads=found, asked=asked, live=[outcome.status, found],
        statuses=STATUSES, next=outcome.body.get("next"),
    )  # fmt: skip


@pages.get("/leads/<uuid:lead_id>")
def show(lead_id: UUID) -> Response:
    """Show a lead."""
    return _shown(lead_id)


@pages.post("/leads/<uuid:lead_id>/<any(qualification, recycling):verb>")
def turn(lead_id: UUID, verb: str) -> Any:
    """Find a lead worth a deal, or take it up again."""
    return _done(lead_id, verb, "PUT", {})


@pages.post("/leads/<uuid:lead_id>/disqualification")
def disqualify(lead_id: UUID) -> Any:
    """Give a lead up, with the reason."""
    body = {"reason": request.form.get("reason", "").strip()}
    return _done(lead_id, "disqualification", "PUT", body)


@pages.post("/leads/<uuid:lead_id>/conversion")
def convert(lead_id: UUID) -> Any:
    """Ask for a contact, an account and, if wanted, a deal."""
    given = request.form
    body = {"create_deal": "create_deal" in given, "use_existing": "use_existing" in given}
    return _done(lead_id, "conversion", "POST", body)


def _done(lead_id: UUID, part: str, method: str, body: dict[str, Any]) -> Any:
    outcome = asking.write(
        "sales", method, f"/v1/leads/{lead_id}/{part}", body, version=request.form.get("version")
    )
    if not outcome.is_good:
        return _shown(lead_id, rendering.draft("lead", outcome.reason), outcome.status)
    return redirect(url_for(".show", lead_id=lead_id), 303)


def _shown(
    lead_id: UUID, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200
) -> Response:
    outcome = asking.read("sales", f"/v1/leads/{lead_id}")
    lead = outcome.body if outcome.is_good else None
    names = rendering.titles({lead["contact_id"], lead["account_id"]} if lead else set())
    return rendering.page(
        "lead.html", status=status if outcome.is_good else outcome.status, draft=draft,
        outcome=outcome, lead=lead, fields=own_fields.known("lead") if lead else [],
        names=names, live=[lead, names] if lead else None,
    )  # fmt: skip
