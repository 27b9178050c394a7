"""Reading the forms of tasks."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import request

from crm_gateway.console import formats
from crm_gateway.console.editing import Editor, Image
from crm_gateway.console.finding import Unclear

DEPARTMENTS = ("sales", "marketing", "support", "service", "finance", "management")
PRIORITIES = ("low", "normal", "high", "urgent")
STATUSES = ("open", "in_progress", "waiting", "done", "cancelled")
_TEXTS = ("title", "assignee_id", "department", "priority", "status")
_MOST_REMINDERS = 10
Record = Mapping[str, Any]


def task_image(record: Record) -> Image:
    """What a task's form holds; instants as the form takes them."""
    return {
        **{name: record[name] for name in _TEXTS},
        "due_at": formats.same_minute(record["due_at"]),
        "collaborator_ids": sorted(record["collaborator_ids"]),
        "reminders": [_reminder(each) for each in record["reminders"]],
    }


def typed_task() -> tuple[Image, Unclear | None]:
    """What was typed into a task's form."""
    rows = (_typed_reminder(number) for number in range(_MOST_REMINDERS))
    image = {
        **{name: request.form.get(name, "").strip() or None for name in _TEXTS},
        "due_at": instant("due"),
        "collaborator_ids": sorted(set(request.form.getlist("collaborator_ids"))),
        "reminders": [each for each in rows if each],
    }
    return image, None


TASK = Editor(
    kind="task", plural="tasks", image=task_image, typed=typed_task,
    blank={**dict.fromkeys(_TEXTS), "due_at": None, "collaborator_ids": [], "reminders": []},
)  # fmt: skip


def instant(name: str) -> str | None:
    """Return the instant of a date and a time that are typed apart; a day ends with its work."""
    day, hour = request.form.get(f"{name}_on", ""), request.form.get(f"{name}_time", "")
    try:
        if not day:
            return None
        return formats.end_of_day(day) if not hour else formats.instant(f"{day}T{hour}")
    except ValueError:
        return f"{day}T{hour}"


def place() -> dict[str, str | None]:
    """Return the column chosen, as the API takes it."""
    board_id, _, column_id = request.form.get("place", "").partition("/")
    return {"board_id": board_id or None, "column_id": column_id or None}


def customers(tasks: Iterable[Record]) -> set[str]:
    """Ids of the contacts and accounts that tasks are about."""
    subjects = (each for task in tasks for each in task.get("subjects", ()))
    return {each["id"] for each in subjects if each["type"] in {"contact", "account"}}


def _reminder(reminder: Record) -> dict[str, Any]:
    if reminder["kind"] == "relative":
        return {"kind": "relative", "minutes_before": reminder["minutes_before"]}
    return {"kind": "absolute", "at": formats.same_minute(reminder["at"])}


def _typed_reminder(number: int) -> dict[str, Any] | None:
    row = f"reminder.{number}"
    minutes = request.form.get(f"{row}.minutes", "").strip()
    if minutes:
        return {
            "kind": "relative",
            "minutes_before": int(minutes) if minutes.isdecimal() else minutes,
        }
    at = instant(row)
    return {"kind": "absolute", "at": at} if at else None
