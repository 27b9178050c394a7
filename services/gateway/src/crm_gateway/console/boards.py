"""Boards: tasks of several departments side by side, moved between columns."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for

from crm_chassis import web
from crm_gateway.console import asking, task_forms
from crm_gateway.console import pages as rendering
from crm_gateway.console.house import house

PER_COLUMN = 50
_MOST_ROWS = 1200
ROLES = ("viewer", "editor", "owner")

pages = Blueprint("boards", __name__)


@pages.get("/boards")
def index() -> Response:
    """List boards."""
    return _listed()


@pages.post("/boards")
def create() -> Any:
    """Make a board."""
    body = {
        "name": request.form.get("name", ""), "department": request.form.get("department") or None,
    }  # fmt: skip
    outcome = asking.write("contacts", "POST", "/v1/boards", body)
    if not outcome.is_good:
        return _listed(draft=rendering.draft("board", outcome.reason), status=outcome.status)
    return redirect(url_for(".show", board_id=outcome.body["id"]), 303)


@pages.get("/boards/<uuid:board_id>")
def show(board_id: UUID) -> Response:
    """Show a board."""
    return _shown(board_id)


@pages.post("/boards/<uuid:board_id>/tasks")
def add_task(board_id: UUID) -> Any:
    """Add a task to a column."""
    given = request.form
    body = {
        "title": given.get("title", ""), "board_id": str(board_id),
        "column_id": given.get("column_id", ""), "assignee_id": given.get("assignee_id") or None,
        "due_at": task_forms.instant("due"),
    }  # fmt: skip
    return _done(board_id, "task", asking.write("contacts", "POST", "/v1/tasks", body))


@pages.post("/boards/<uuid:board_id>/tasks/<uuid:task_id>")
def move(board_id: UUID, task_id: UUID) -> Any:
    """Put a task into another column."""
    body = {"board_id": str(board_id), "column_id": request.form.get("column_id", "")}
    outcome = asking.write(
        "contacts", "PUT", f"/v1/tasks/{task_id}/place", body, version=request.form.get("version")
    )
    return _done(board_id, "move", outcome, anchor=f"task-{task_id}")


@pages.post("/boards/<uuid:board_id>/settings")
def change(board_id: UUID) -> Any:
    """Change name, columns and members."""
    body = {"name": request.form.get("name", ""), "columns": _columns(), "members": _members()}
    outcome = asking.write(
        "contacts", "PATCH", f"/v1/boards/{board_id}", body, version=request.form.get("version")
    )
    return _done(board_id, "settings", outcome)


def _columns() -> list[dict[str, Any]]:
    """The columns typed, in their order; one whose name was cleared goes."""
    rows = (f"column.{number}" for number in range(20))
    return [
        {
            "name": name, "status": request.form.get(f"{row}.status") or None,
            **({"id": id_} if (id_ := request.form.get(f"{row}.id")) else {}),
        }
        for row in rows
        if (name := request.form.get(f"{row}.name", "").strip())
    ]  # fmt: skip


def _members() -> list[dict[str, str]]:
    rows = (f"member.{number}" for number in range(_MOST_ROWS))
    pairs = ((request.form.get(f"{row}.user_id"), request.form.get(f"{row}.role")) for row in rows)
    return [{"user_id": user_id, "role": role} for user_id, role in pairs if user_id and role]


def _done(board_id: UUID, form: str, outcome: asking.Outcome, *, anchor: str = "") -> Any:
    if not outcome.is_good:
        return _shown(board_id, rendering.draft(form, outcome.reason), outcome.status)
    return redirect(url_for(".show", board_id=board_id, _anchor=anchor or None), 303)


def _listed(*, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200) -> Response:
    outcome = asking.read("contacts", "/v1/boards", limit=100, cursor=request.args.get("cursor"))
    return rendering.page(
        "boards.html", status=status, draft=draft, outcome=outcome, next=outcome.body.get("next"),
        boards=outcome.body.get("items", []), departments=task_forms.DEPARTMENTS,
    )  # fmt: skip


def _shown(
    board_id: UUID, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200
) -> Response:
    outcome = asking.read("contacts", f"/v1/boards/{board_id}")
    board = outcome.body if outcome.is_good else None
    columns = [_column(board_id, each) for each in board["columns"]] if board else []
    found = [task for column in columns for task in column["tasks"]]
    roles = {each["user_id"]: each["role"] for each in board["members"]} if board else {}
    role = "owner" if web.principal().is_admin else roles.get(str(web.principal().user_id), "")
    names = rendering.titles(task_forms.customers(found))
    return rendering.page(
        "task_board.html", status=status, draft=draft, board=board, outcome=outcome,
        columns=columns, role=role, roles=ROLES, statuses=task_forms.STATUSES,
        people=house().active, names=names, live=[columns, names] if board else None,
    )  # fmt: skip


def _column(board_id: UUID, column: dict[str, Any]) -> dict[str, Any]:
    outcome = asking.read(
        "contacts", "/v1/tasks", board_id=str(board_id), column_id=column["id"], sort="due_at",
        limit=PER_COLUMN,
    )  # fmt: skip
    return {
        **column, "tasks": outcome.body.get("items", []), "has_more": bool(outcome.body.get("next")),
        "reason": "" if outcome.is_good else outcome.reason,
    }  # fmt: skip
