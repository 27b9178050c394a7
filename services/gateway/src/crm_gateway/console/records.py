"""Taking up records, changing them, putting them away and bringing them back."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, session, url_for

from crm_gateway.console import asking, editing, own_fields, sheets
from crm_gateway.console import pages as rendering
from crm_gateway.console.forms import EDITORS
from crm_gateway.console.house import house

PLURALS = 'any("contacts", "accounts", "deals", "leads", "tickets")'

_POINTERS = ("parent_id", "account_id", "primary_contact_id", "requester_id")

pages = Blueprint("records", __name__)


@pages.get(f"/<{PLURALS}:plural>/new")
def new(plural: str) -> Response:
    """Show the empty form."""
    blank = dict(EDITORS[plural].blank)
    named = {name: value for name, value in request.args.items() if name in blank}
    given = {**blank, **named}
    if plural == "contacts" and request.args.get("account_id"):
        link = {"account_id": request.args["account_id"], "role": None}
        given["account_links"] = [{**link, "is_primary": True, "active": True}]
    return _form(plural, editing.Shown(values=given, was=blank))


@pages.post(f"/<{PLURALS}:plural>/new")
def create(plural: str) -> Any:
    """Take up what was typed, or show who it may be already."""
    done = editing.created(EDITORS[plural], is_sure="anyway" in request.form)
    if isinstance(done, editing.Shown):
        return _form(plural, done)
    return _gone_to(plural, UUID(done.body["id"]), done)


@pages.get(f"/<{PLURALS}:plural>/<uuid:record_id>/edit")
def edit(plural: str, record_id: UUID) -> Response:
    """Show the form of one."""
    outcome = _read(plural, record_id)
    if not outcome.is_good:
        return _form(plural, editing.Shown(values={}, was={}, outcome=outcome), record_id)
    return _form(plural, editing.opened(EDITORS[plural], outcome.body), record_id)


@pages.post(f"/<{PLURALS}:plural>/<uuid:record_id>/edit")
def save(plural: str, record_id: UUID) -> Any:
    """Save what was changed, unless somebody else was faster."""
    done = editing.saved(EDITORS[plural], record_id)
    if isinstance(done, editing.Shown):
        return _form(plural, done, record_id)
    return _gone_to(plural, record_id, done)


@pages.post(f"/<{PLURALS}:plural>/<uuid:record_id>/filling")
def fill_in(plural: str, record_id: UUID) -> Response:
    """Show the form of one that is there, with what was typed for somebody who seemed new."""
    outcome = _read(plural, record_id)
    if not outcome.is_good:
        return _form(plural, editing.Shown(values={}, was={}, outcome=outcome), record_id)
    return _form(plural, editing.filled_in(EDITORS[plural], outcome.body), record_id)


@pages.post(f"/<{PLURALS}:plural>/<uuid:record_id>/archive")
def archive(plural: str, record_id: UUID) -> Any:
    """Put one away."""
    return _moved(plural, record_id, "DELETE", "")


@pages.post(f"/<{PLURALS}:plural>/<uuid:record_id>/restoration")
def restore(plural: str, record_id: UUID) -> Any:
    """Bring one back."""
    return _moved(plural, record_id, "PUT", "/restoration")


def _moved(plural: str, record_id: UUID, method: str, part: str) -> Any:
    editor = EDITORS[plural]
    path = editor.path(record_id) + part
    outcome = asking.write(editor.service, method, path, version=request.form.get("version"))
    if outcome.is_good:
        return _gone_to(plural, record_id, outcome)
    shown = _read(plural, record_id)
    opened = editing.opened(EDITORS[plural], shown.body) if shown.is_good else None
    values = opened or editing.Shown(values={}, was={})
    return _form(plural, values, record_id, reason=outcome.reason, status=outcome.status)


def _read(plural: str, record_id: UUID) -> asking.Outcome:
    editor = EDITORS[plural]
    return asking.read(editor.service, editor.path(record_id))


def _gone_to(plural: str, record_id: UUID, done: asking.Outcome) -> Any:
    if done.written:
        session["written"] = [*session.get("written", []), done.written][-20:]
    if plural in sheets.SHEETS:
        return redirect(url_for("console.customers.show", customer_id=record_id), 303)
    return redirect(f"/{plural}/{record_id}", 303)


def _form(
    plural: str, shown: editing.Shown, record_id: UUID | None = None, *, reason: str = "",
    status: int = 0,
) -> Response:  # fmt: skip
    editor = EDITORS[plural]
    is_away = shown.outcome is not None and not shown.values
    return rendering.page(
        f"{editor.kind}_form.html", status=status or int(shown.status), shown=shown,
        sheet=sheets.SHEETS.get(plural),
        record_id=record_id, reason=reason or _reason(shown), names=rendering.titles(_named(shown)),
        people=house().active, is_away=is_away, typed=request.form,
        company_fields=own_fields.known(editor.kind) if shown.values else [],
        own_errors=own_fields.errors_of(shown.outcome) if shown.outcome else {},
    )  # fmt: skip


def _named(shown: editing.Shown) -> set[str | None]:
    """Whom the form names by their ids."""
    links = shown.values.get("account_links") or ()
    named = {each["account_id"] for each in links}
    named |= {each["contact_id"] for each in shown.candidates}
    return named | {
        values.get(name) for values in (shown.values, shown.meanwhile) for name in _POINTERS
    }


def _reason(shown: editing.Shown) -> str:
    if shown.meanwhile:
        return "Somebody changed this meanwhile. What you typed is kept; look, then save again."
    if shown.candidates:
        return "This may be somebody who is here already."
    return shown.outcome.reason if shown.outcome else shown.reason
