"""Tasks: one's own, a department's, what is overdue; one task with its reminders and its place."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for

from crm_chassis import web
from crm_gateway.console import asking, editing, formats, task_forms
from crm_gateway.console import pages as rendering
from crm_gateway.console.house import house

TABS = {"mine": "Mine", "shared": "With me", "department": "Department", "overdue": "Overdue",
        "all": "All open", "done": "Done"}  # fmt: skip
PAGE_SIZE = 50

pages = Blueprint("tasks", __name__)


@pages.get("/tasks")
def index() -> Response:
    """List tasks, what is due first."""
    return _listed()


@pages.post("/tasks")
def add() -> Any:
    """Add a task."""
    given = request.form
    body = {
        "title": given.get("title", ""),
        "due_at": task_forms.instant("due"),
        "assignee_id": given.get("assignee_id") or None,
        "department": given.get("department") or None,
        "priority": given.get("priority") or "normal",
    }
    outcome = asking.write("contacts", "POST", "/v1/tasks", body)
    if not outcome.is_good:
        return _listed(draft=rendering.draft("task", outcome.reason), status=outcome.status)
    return redirect(_back(), 303)


@pages.post("/tasks/<uuid:task_id>/completion")
def complete(task_id: UUID) -> Any:
    """Tick a task off."""
    outcome = asking.write(
        "contacts", "PUT", f"/v1/tasks/{task_id}/completion", version=request.form.get("version")
    )
    if not outcome.is_good:
        return _listed(draft=rendering.draft("done", outcome.reason), status=outcome.status)
    return redirect(_back(), 303)


@pages.get("/tasks/<uuid:task_id>")
def show(task_id: UUID) -> Response:
    """Show a task's form."""
    outcome = asking.read("contacts", f"/v1/tasks/{task_id}")
    if not outcome.is_good:
        return _form(task_id, editing.Shown(values={}, was={}, outcome=outcome))
    return _form(task_id, editing.opened(task_forms.TASK, outcome.body))


@pages.post("/tasks/<uuid:task_id>")
def save(task_id: UUID) -> Any:
    """Save what was changed, unless somebody else was faster."""
    done = editing.saved(task_forms.TASK, task_id)
    if isinstance(done, editing.Shown):
        return _form(task_id, done)
    return redirect(url_for(".show", task_id=task_id), 303)


@pages.post("/tasks/<uuid:task_id>/archive")
def archive(task_id: UUID) -> Any:
    """Put a task away."""
    return _acted(task_id, "DELETE", f"/v1/tasks/{task_id}")


@pages.post("/tasks/<uuid:task_id>/restoration")
def restore(task_id: UUID) -> Any:
    """Bring a task back."""
    return _acted(task_id, "PUT", f"/v1/tasks/{task_id}/restoration")


@pages.post("/tasks/<uuid:task_id>/place")
def place(task_id: UUID) -> Any:
    """Put a task on a board, or take it off."""
    return _acted(task_id, "PUT", f"/v1/tasks/{task_id}/place", task_forms.place())


def _acted(task_id: UUID, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    outcome = asking.write("contacts", method, path, body, version=request.form.get("version"))
    if outcome.is_good:
        return redirect(url_for(".show", task_id=task_id), 303)
    found = asking.read("contacts", f"/v1/tasks/{task_id}")
    shown = editing.Shown(values={}, was={}, outcome=found)
    if found.is_good:
        shown = editing.opened(task_forms.TASK, found.body)
    return _form(task_id, shown, reason=outcome.reason, status=outcome.status)


def _listed(*, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200) -> Response:
    tab = request.values.get("tab", "")
    tab = tab if tab in TABS else "mine"
    department = request.values.get("department", "") if tab == "department" else ""
    outcome = asking.read(
        "contacts", "/v1/tasks", limit=PAGE_SIZE, sort="-updated_at" if tab == "done" else "due_at",
        cursor=request.args.get("cursor"), **_filter(tab, department),
    )  # fmt: skip
    found = outcome.body.get("items", []) if outcome.is_good else []
    names = rendering.titles(task_forms.customers(found))
    return rendering.page(
        "tasks.html", status=status, draft=draft, tasks=found, outcome=outcome, tab=tab, tabs=TABS,
        department=department, departments=task_forms.DEPARTMENTS, people=house().active,
        next=outcome.body.get("next"), names=names, live=[outcome.status, found, names],
        priorities=task_forms.PRIORITIES,
    )  # fmt: skip


def _filter(tab: str, department: str) -> dict[str, Any]:
    me = str(web.principal().user_id)
    return {
        "mine": {"assignee_id": me, "open": "true"},
        "shared": {"collaborator_id": me, "open": "true"},
        "department": {"department": department, "open": "true"},
        "overdue": {"overdue": "true"},
        "all": {"open": "true"},
        "done": {"status": "done"},
    }[tab]


def _form(task_id: UUID, shown: editing.Shown, *, reason: str = "", status: int = 0) -> Response:
    boards = asking.read("contacts", "/v1/boards", limit=100) if shown.values else None
    return rendering.page(
        "task_form.html", status=status or int(shown.status), shown=shown, task_id=task_id,
        reason=reason or _reason(shown), people=house().active,
        is_away=shown.outcome is not None and not shown.values,
        boards=boards.body.get("items", []) if boards and boards.is_good else [],
        names=rendering.titles(task_forms.customers([shown.record])),
        departments=task_forms.DEPARTMENTS, local=formats.local_input,
        priorities=task_forms.PRIORITIES, statuses=task_forms.STATUSES,
    )  # fmt: skip


def _reason(shown: editing.Shown) -> str:
    if shown.meanwhile:
        return "Somebody changed this meanwhile. What you typed is kept; look, then save again."
    return shown.outcome.reason if shown.outcome else ""


def _back() -> str:
    """Return where the form was: a tab of the list."""
    return url_for(
        ".index", tab=request.form.get("tab", "mine"),
        department=request.form.get("tab_department") or None,
    )  # fmt: skip
