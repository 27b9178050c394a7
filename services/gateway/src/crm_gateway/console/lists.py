"""Contacts and accounts as lists: filtered, sorted, paged, seen as somebody has saved them."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for

from crm_chassis import web
from crm_gateway.console import asking, formats, sheets
from crm_gateway.console import pages as rendering
from crm_gateway.console.finding import Unclear, account_named
from crm_gateway.console.house import house
from crm_gateway.queries import saved_views

pages = Blueprint("lists", __name__)


@pages.get('/<any("contacts", "accounts"):plural>')
def show(plural: str) -> Response:
    """Show a list."""
    return listed(sheets.SHEETS[plural])


@pages.get('/<any("contacts", "accounts"):plural>/<uuid:record_id>')
def one(plural: str, record_id: UUID) -> Any:
    """Go to the page of one of them."""
    del plural
    return redirect(url_for("console.customers.show", customer_id=record_id), 303)


def listed(
    sheet: sheets.Sheet, *, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200
) -> Response:
    """Return the page of a list as the address, or the form that was refused, says."""
    views = shown_views(sheet)
    wanted = request.values.get("view", "")
    view = next((each for each in views if each["id"] == wanted), None)
    given, unclear = request.values.copy(), None
    try:
        _resolve_account(given)
    except Unclear as refusal:
        unclear = refusal
    state = sheets.state(sheet, given, view)
    outcome = asking.read("contacts", f"/v1/{sheet.plural}", **state.asked)
    found = outcome.body.get("items", []) if outcome.is_good else []
    named = rendering.titles(_named(found) | {state.filter.get("account_id")})
    return rendering.page(
        "list.html", status=status, draft=draft, live=[outcome.status, found, named], sheet=sheet, state=state, views=views, view=view,
        outcome=outcome, records=found, next=outcome.body.get("next"), names=named,
        people=house().active, unclear=unclear, local=formats.local_input,
        last_day=formats.last_day, teams=my_teams(),
    )  # fmt: skip


def shown_views(sheet: sheets.Sheet) -> list[dict[str, Any]]:
    """Return the saved views of a list that the visitor may see, by name."""
    with web.sessions()() as session:
        found = saved_views.shown_to(session, sheet.kind, web.principal())
    return [
        {
            "id": str(each.id), "name": each.name, "filter": each.filter, "sort": each.sort,
            "columns": each.columns, "version": each.version, "visibility": each.visibility,
            "owner_id": str(each.owner_id), "team_id": str(each.team_id or ""),
        }
        for each in found
    ]  # fmt: skip


def my_teams() -> tuple[str, ...]:
    """Return the ids of the visitor's teams."""
    return tuple(str(each) for each in web.principal().team_ids)


def _named(records: Iterable[Mapping[str, Any]]) -> set[str | None]:
    return {record.get(name) for record in records for name in ("account_id", "parent_id")}


def _resolve_account(given: Any) -> None:
    """Turn the name typed as account into the account's id; the id stays where the name does."""
    typed = given.pop("account", "").strip()
    if "account" not in request.values:
        return
    known = given.pop("account_id", "")
    if not typed:
        return
    if known and rendering.titles({known}).get(known) == typed:
        given["account_id"] = known
        return
    given["account_id"] = account_named(typed)["id"]
