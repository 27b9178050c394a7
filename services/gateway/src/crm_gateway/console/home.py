"""The first page: one box to find anything, and the newest contacts."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, request, url_for

from crm_chassis import web
from crm_gateway.console import asking
from crm_gateway.console import pages as rendering

MOST_FOUND, PER_GROUP = 40, 10
_GROUPS = {
    "contact": "Contacts", "account": "Accounts", "deal": "Deals", "ticket": "Tickets",
    "lead": "Leads", "task": "Tasks", "campaign": "Campaigns", "segment": "Segments",
}  # fmt: skip
_OWN_PAGES = frozenset({"deal", "lead", "ticket"})
_PAGES = {"contact": "console.customers.show", "account": "console.customers.show"}

pages = Blueprint("home", __name__)


@pages.get("/")
def show() -> Any:
    """Find anything, or look through the newest contacts."""
    text = request.args.get("q", "").strip()[:200]
    if text:
        groups = _grouped(_found(text))
        return rendering.page(
            "home.html", q=text, groups=groups, per_group=PER_GROUP, most=MOST_FOUND
        )
    contacts = asking.read(
        "contacts", "/v1/contacts", limit=30, cursor=request.args.get("cursor"), sort="-created_at"
    )
    accounts = _accounts(contacts.body.get("items", ()))
    return rendering.page("home.html", q="", groups=None, contacts=contacts, accounts=accounts)


def _found(text: str) -> list[dict[str, Any]]:
    """Return what is found; a kind with very many hits does not hide the others."""
    viewer, who = rendering.viewer(), web.principal()
    found: list[dict[str, Any]] = viewer.search(text, who, limit=MOST_FOUND)
    others = tuple(_GROUPS.keys() - {each["kind"] for each in found})
    if len(found) == MOST_FOUND and others:
        found += viewer.search(text, who, kinds=others, limit=MOST_FOUND)
    return found


def _grouped(found: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for each in found:
        name = _GROUPS.get(each["kind"], each["kind"].capitalize())
        groups.setdefault(name, []).append({"title": each["title"], "href": href(each)})
    return groups


def href(found: Mapping[str, Any]) -> str | None:
    """Return the page that shows a record: its own, else its customer's."""
    kind = found["kind"]
    if kind in _PAGES:
        return url_for(_PAGES[kind], customer_id=found["id"])
    if kind in _OWN_PAGES:
        return f"/{kind}s/{found['id']}"
    customers = found["customer_ids"]
    return url_for("console.customers.show", customer_id=customers[0]) if customers else None


def _accounts(contacts: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    wanted = {contact["account_id"] for contact in contacts if contact["account_id"]}
    return rendering.titles(wanted)
