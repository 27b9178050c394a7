"""The audit trail: who did what, when and from where, with values before and after."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
from flask import Blueprint, Response, current_app, request

from crm_chassis import web
from crm_chassis.problems import NotFound
from crm_contracts import RECORDS
from crm_gateway.clients import Asked, TrailPage
from crm_gateway.console import formats
from crm_gateway.console import pages as rendering
from crm_gateway.console.house import house

PAGE_SIZE = 50
# Where a record has a page of its own.
_PLACES: Mapping[str, str] = {
    "contact": "/customers/{}", "account": "/customers/{}", "customer": "/customers/{}",
    "deal": "/deals/{}", "lead": "/leads/{}", "ticket": "/tickets/{}", "segment": "/segments/{}",
    "role": "/settings/roles/{}", "webhook": "/settings/webhooks/{}",
}  # fmt: skip
# What is no record and yet has something done to it.
_MORE_KINDS = ("api_key", "customer", "parked", "password", "second_factor", "session", "sign_in")
KINDS = sorted({*(kind for _, kind in RECORDS if kind != "timeline"), *_MORE_KINDS})
_LONGEST_VALUE = 300
_NAMES = ("object_id", "actor_id", "kind", "action", "since", "until")
_READERS: Mapping[str, Callable[[str], Any]] = {
    "object_id": lambda given: UUID(given.rstrip("/").rpartition("/")[2]),
    "actor_id": UUID,
    "kind": str,
    "action": str,
    "since": lambda given: formats.as_moment(formats.start_of_day(given)),
    "until": lambda given: formats.as_moment(formats.start_of_next_day(given)),
}

pages = Blueprint("audit", __name__, url_prefix="/settings/audit")


@pages.before_request
def _refuse_others() -> None:
    """Who has no right to the trail does not find the page."""
    if "audit" not in web.principal().rights.special:
        raise NotFound(request.path)


@pages.get("")
def index() -> Response:
    """Show a page of the trail, as it was asked for."""
    given = {name: request.args.get(name, "").strip() for name in _NAMES}
    wrong, asked = _read(given)
    found = TrailPage([], None, [])
    cursor = request.args.get("cursor") or None
    try:
        if not wrong:
            wanted = Asked(**asked, cursor=cursor, limit=PAGE_SIZE)
            found = current_app.extensions["trail"].page(wanted, web.principal())
    except (ValueError, TypeError):
        wrong = ["the place in the list"]
    kept = {name: value for name, value in given.items() if value}
    return rendering.page(
        "audit.html", status=422 if wrong else 200, given=given, wrong=wrong, found=found,
        kinds=KINDS, people=house().active, names=_names(found), older=_older(kept, found.next),
        is_first=cursor is None, is_filtered=bool(kept), who=_who, told=_told, place=_place,
    )  # fmt: skip


def _read(given: Mapping[str, str]) -> tuple[list[str], dict[str, Any]]:
    """Return what cannot be read, and the rest as it is asked."""
    wrong, asked = [], {}
    for name, text in given.items():
        try:
            asked[name] = _READERS[name](text) if text else None
        except (ValueError, OverflowError):
            wrong.append(formats.words(name).lower())
    return wrong, asked


def _older(kept: Mapping[str, str], next_: str | None) -> str | None:
    return f"?{urlencode({**kept, 'cursor': next_})}" if next_ else None


def _names(found: TrailPage) -> dict[str, str]:
    """Return the names of the customers that rows are about."""
    kinds = {"contact", "account", "customer"}
    return rendering.titles({row["object_id"] for row in found.items if row["kind"] in kinds})


def _who(row: Mapping[str, Any]) -> str:
    """Return who did it, in words."""
    kind, _, rest = row["actor"].partition(":")
    if kind == "operator":
        return f"{rest} (operator)"
    if kind == "sign-in":
        return "Somebody who did not sign in"
    name = house().person(row["actor"])
    behind = row["on_behalf_of"]
    return f"{name} for {house().person(behind)}" if behind else name


def _told(value: Any) -> str:
    """Return a value as a person reads it, not longer than a few lines."""
    if value in (None, "", [], {}):
        return "—"
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _place(row: Mapping[str, Any]) -> str | None:
    """Return the address of the page of what it was done to."""
    known = _PLACES.get(row["kind"] or "")
    return known.format(row["object_id"]) if known and row["object_id"] else None
