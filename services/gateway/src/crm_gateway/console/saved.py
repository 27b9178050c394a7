"""Saving how a list is seen."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request

from crm_chassis import web
from crm_chassis.problems import Invalid, Refusal
from crm_gateway import saved_views as commands
from crm_gateway.console import lists, sheets
from crm_gateway.console import pages as rendering

_LONGEST_NAME = 80

pages = Blueprint("saved", __name__)


@pages.post('/<any("contacts", "accounts"):plural>/views')
def save(plural: str) -> Any:
    """Save the list as it is seen now: anew, or as the view it was seen through."""
    sheet = sheets.SHEETS[plural]
    view_id = request.form.get("view", type=UUID) if request.form.get("how") == "change" else None
    return _done(sheet, lambda: _change(sheet, view_id) if view_id else _create(sheet))


@pages.post('/<any("contacts", "accounts"):plural>/views/<uuid:view_id>/removal')
def remove(plural: str, view_id: UUID) -> Any:
    """Put a view away."""
    command = commands.ArchiveView(
        view_id=view_id, expected_version=_version(), who=web.principal()
    )
    sheet = sheets.SHEETS[plural]
    return _done(sheet, lambda: web.write(commands.archive_view, command), is_gone=True)


def _create(sheet: sheets.Sheet) -> Response:
    fields = {"object": sheet.kind, **_fields(sheet)}
    if not fields["name"]:
        raise Invalid({"name": ["needed"]}, detail="Give the view a name.")
    command = commands.SaveView(fields=fields, owner_id=web.principal().user_id)
    return web.write(commands.save_view, command, status=201)


def _change(sheet: sheets.Sheet, view_id: UUID) -> Response:
    fields = _fields(sheet)
    if not fields["name"]:
        del fields["name"]
    command = commands.ChangeView(
        view_id=view_id, expected_version=_version(), who=web.principal(), changes=fields
    )
    return web.write(commands.change_view, command)


def _fields(sheet: sheets.Sheet) -> dict[str, Any]:
    shared, _, team = request.form.get("shared", "private").partition(":")
    is_ours = shared == "team" and team in lists.my_teams()
    return {
        **sheets.state(sheet, request.form, None).saved,
        "name": request.form.get("name", "").strip()[:_LONGEST_NAME],
        "visibility": "team" if is_ours else "all" if shared == "all" else "private",
        "team_id": UUID(team) if is_ours else None,
    }


def _version() -> int | None:
    return request.form.get("version", type=int)


def _done(sheet: sheets.Sheet, work: Callable[[], Response], *, is_gone: bool = False) -> Any:
    """Go to the view, or show the list with the reason why there is none."""
    try:
        view = work().get_json()
    except Refusal as refusal:
        draft = rendering.draft("view", f"{refusal.detail}.".replace("..", "."))
        return lists.listed(sheet, draft=draft, status=int(refusal.status))
    return redirect(f"/{sheet.plural}" + ("" if is_gone else f"?view={view['id']}"), 303)
