"""What a contact or an account is to others, and the kinds of relationships there are."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for

from crm_gateway.console import asking
from crm_gateway.console import pages as rendering
from crm_gateway.console.finding import Unclear, account_named, contact_named

ENDS = {"contact": "Contacts", "account": "Accounts", "any": "Either"}
_MOST = 200

pages = Blueprint("relationships", __name__)


@pages.get("/customers/<uuid:customer_id>/relationships")
def show(customer_id: UUID) -> Response:
    """Show what somebody is to whom, to be changed."""
    return _shown(customer_id)


@pages.post("/customers/<uuid:customer_id>/relationships")
def add(customer_id: UUID) -> Any:
    """Say what one is to another; the way round is part of what was chosen."""
    given = request.form
    way, _, type_id = given.get("type", "").partition(":")
    find = account_named if given.get("other_kind") == "account" else contact_named
    try:
        other = find(given.get("other", "").strip())
    except Unclear as unclear:
        named = ", ".join(each["name"] for each in unclear.found)
        reason = unclear.reason + (f" — type one of {named}" if named else "")
        return _shown(customer_id, rendering.draft("relationship", reason), 422)
    ends = [
        {"type": _kind(), "id": str(customer_id)},
        {"type": given.get("other_kind", "contact"), "id": other["id"]},
    ]
    one, two = reversed(ends) if way == "to" else ends
    body = {"type_id": type_id, "from": one, "to": two, "comment": given.get("comment") or None}
    return _done(customer_id, asking.write("contacts", "POST", "/v1/relationships", body))


@pages.post("/customers/<uuid:customer_id>/relationships/<uuid:relationship_id>/archive")
def take_away(customer_id: UUID, relationship_id: UUID) -> Any:
    """Put a relationship away."""
    outcome = asking.write(
        "contacts", "DELETE", f"/v1/relationships/{relationship_id}",
        version=request.form.get("version"),
    )  # fmt: skip
    return _done(customer_id, outcome)


@pages.get("/settings/relationships")
def types() -> Response:
    """List the kinds of relationships."""
    return _types()


@pages.post("/settings/relationships")
def define() -> Any:
    """Define a kind of relationship."""
    names = ("name", "inverse_name", "from_kind", "to_kind")
    body = {name: request.form.get(name, "").strip() for name in names}
    outcome = asking.write("contacts", "POST", "/v1/relationship-types", body)
    return _typed(outcome, "type")


@pages.post("/settings/relationships/<uuid:type_id>")
def rename(type_id: UUID) -> Any:
    """Call a kind otherwise."""
    body = {name: request.form.get(name, "").strip() for name in ("name", "inverse_name")}
    return _typed(_write_type("PATCH", type_id, body), f"type-{type_id}")


@pages.post("/settings/relationships/<uuid:type_id>/<any(archive, restoration):verb>")
def shelve(type_id: UUID, verb: str) -> Any:
    """Offer a kind no more, or again."""
    is_back = verb == "restoration"
    method, tail = ("PUT", "/restoration") if is_back else ("DELETE", "")
    return _typed(_write_type(method, type_id, {}, tail=tail), f"type-{type_id}")


def _write_type(
    method: str, type_id: UUID, body: dict[str, str], *, tail: str = ""
) -> asking.Outcome:
    path = f"/v1/relationship-types/{type_id}{tail}"
    return asking.write("contacts", method, path, body, version=request.form.get("version"))


def _typed(outcome: asking.Outcome, form: str) -> Any:
    if not outcome.is_good:
        return _types(rendering.draft(form, outcome.reason), outcome.status)
    return redirect(url_for(".types"), 303)


def _types(draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200) -> Response:
    outcome = asking.read("contacts", "/v1/relationship-types", limit=_MOST)
    archived = asking.read("contacts", "/v1/relationship-types", archived="true", limit=_MOST)
    return rendering.page(
        "relationship_types.html", status=status, draft=draft, outcome=outcome, ends=ENDS,
        types=outcome.body.get("items", []), archived=archived.body.get("items", []),
    )  # fmt: skip


def _done(customer_id: UUID, outcome: asking.Outcome) -> Any:
    if not outcome.is_good:
        draft = rendering.draft("relationship", outcome.reason)
        return _shown(customer_id, draft, outcome.status)
    return redirect(url_for(".show", customer_id=customer_id, kind=_kind()), 303)


def _shown(
    customer_id: UUID, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200
) -> Response:
    outcome = asking.read("contacts", "/v1/relationships", subject_id=str(customer_id), limit=_MOST)
    found = outcome.body.get("items", []) if outcome.is_good else []
    types_ = asking.read("contacts", "/v1/relationship-types", limit=_MOST)
    ends = {each[end]["id"] for each in found for end in ("from", "to")}
    return rendering.page(
        "relationships.html", status=status, draft=draft, outcome=outcome, relationships=found,
        types=types_.body.get("items", []), customer_id=str(customer_id), kind=_kind(),
        names=rendering.titles(ends | {str(customer_id)}),
    )  # fmt: skip


def _kind() -> str:
    return "account" if request.values.get("kind") == "account" else "contact"
