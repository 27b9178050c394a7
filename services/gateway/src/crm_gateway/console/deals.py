"""A deal with everything known of it, and what each contact is in it."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for

from crm_gateway.console import asking, own_fields
from crm_gateway.console import pages as rendering
from crm_gateway.console.finding import Unclear, contact_named

ROLES = (
    "decision maker", "economic buyer", "champion", "influencer", "evaluator", "user", "blocker",
)  # fmt: skip
_MOST_ROLES = 50

pages = Blueprint("deals", __name__)


@pages.get("/deals/<uuid:deal_id>")
def show(deal_id: UUID) -> Response:
    """Show a deal."""
    return _shown(deal_id)


@pages.post("/deals/<uuid:deal_id>/roles")
def give_roles(deal_id: UUID) -> Any:
    """Have these contacts in the deal, in these roles."""
    try:
        roles = _roles()
    except Unclear as unclear:
        named = ", ".join(each["name"] for each in unclear.found)
        reason = unclear.reason + (f" — type one of {named}" if named else "")
        return _shown(deal_id, rendering.draft("roles", reason), 422)
    outcome = asking.write(
        "sales", "PATCH", f"/v1/deals/{deal_id}", {"contact_roles": roles},
        version=request.form.get("version"),
    )  # fmt: skip
    if not outcome.is_good:
        return _shown(deal_id, rendering.draft("roles", outcome.reason), outcome.status)
    return redirect(url_for(".show", deal_id=deal_id, _anchor="roles"), 303)


def _roles() -> list[dict[str, str]]:
    """The rows of the form that have a role; the last names somebody else. Raises Unclear."""
    given = request.form
    found = []
    for number in range(_MOST_ROLES):
        contact_id = given.get(f"role.{number}.contact_id", "")
        role = given.get(f"role.{number}.role", "").strip()
        if contact_id and role and f"role.{number}.remove" not in given:
            found.append({"contact_id": contact_id, "role": role})
    typed = given.get("role.new.contact", "").strip()
    if typed:
        role = given.get("role.new.role", "").strip() or ROLES[0]
        found.append({"contact_id": contact_named(typed)["id"], "role": role})
    return found


def _shown(
    deal_id: UUID, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200
) -> Response:
    outcome = asking.read("sales", f"/v1/deals/{deal_id}")
    deal = outcome.body if outcome.is_good else None
    names = _names(deal)
    if rendering.is_live([deal, names]):
        return rendering.unchanged([deal, names])
    stages = asking.read("sales", f"/v1/deals/{deal_id}/stages")
    return rendering.page(
        "deal.html", status=status if outcome.is_good else outcome.status, draft=draft,
        outcome=outcome, deal=deal, stages=stages.body.get("items", []), roles=ROLES, names=names,
        fields=own_fields.known("deal") if deal else [], live=[deal, names] if deal else None,
    )  # fmt: skip


def _names(deal: dict[str, Any] | None) -> dict[str, str]:
    if deal is None:
        return {}
    within = {*deal["contact_ids"], *(each["contact_id"] for each in deal["contact_roles"])}
    return rendering.titles({deal["account_id"], deal["primary_contact_id"], *within})
