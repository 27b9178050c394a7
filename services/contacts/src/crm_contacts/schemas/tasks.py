"""Tasks in JSON."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from crm_chassis.web import Moment, Name, RecordOut
from crm_contacts.model.reminder import Reminder
from crm_contacts.model.values import Priority, ReminderKind, TaskStatus
from crm_contacts.schemas.values import (
    AboutIn,
    OwnedIn,
    SubjectOut,
    choice,
    optional_name,
    subjects,
)

_A_YEAR_MINUTES = 366 * 24 * 60


class ReminderIn(Schema):
    """When to remind: `minutes_before` it is due (relative), or `at` an instant (absolute)."""

    kind = choice(ReminderKind, required=True)
    minutes_before = fields.Integer(
        strict=True, allow_none=True, validate=validate.Range(0, _A_YEAR_MINUTES)
    )
    at = Moment(allow_none=True)

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> Reminder:
        """Build the value. Raises ValidationError where a kind lacks what it counts from."""
        is_relative = found["kind"] is ReminderKind.RELATIVE
        needed, other = ("minutes_before", "at") if is_relative else ("at", "minutes_before")
        if found.get(needed) is None:
            reason = "Needed for a reminder of this kind."
            raise ValidationError(reason, needed)
        return Reminder(**(found | {other: None}))


class TaskPatchIn(OwnedIn):
    """Fields of a task to change."""

    title = Name(longest=500)
    assignee_id = fields.UUID(allow_none=True)
    department = optional_name(60)
    due_at = Moment(allow_none=True)
    priority = choice(Priority)
    status = choice(TaskStatus)
    subjects = subjects()
    collaborator_ids = fields.List(fields.UUID(), validate=validate.Length(max=50))
    reminders = fields.List(fields.Nested(ReminderIn), validate=validate.Length(max=10))

    @post_load
    def freeze(self, found: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Each collaborator once; reminders as the model keeps them."""
        if "collaborator_ids" in found:
            found["collaborator_ids"] = list(dict.fromkeys(found["collaborator_ids"]))
        if "reminders" in found:
            found["reminders"] = tuple(dict.fromkeys(found["reminders"]))
        return found


class TaskIn(TaskPatchIn):
    """A task to create."""

    title = Name(longest=500, required=True)
    board_id = fields.UUID(allow_none=True)
    column_id = fields.UUID(allow_none=True)


class PlaceIn(Schema):
    """Where a task stands: a column of a board, or nowhere."""

    board_id = fields.UUID(required=True, allow_none=True)
    column_id = fields.UUID(required=True, allow_none=True)

    @validates_schema
    def check(self, found: dict[str, Any], **_: Any) -> None:
        """Raise ValidationError for half a place."""
        if (found["board_id"] is None) != (found["column_id"] is None):
            reason = "A board and its column go together."
            raise ValidationError(reason, "column_id")


class TasksIn(AboutIn):
    """Query parameters of the list of tasks."""

    q = Name()
    assignee_id = fields.UUID()
    department = Name()
    priority = choice(Priority)
    status = choice(TaskStatus)
    origin = Name()
    board_id = fields.UUID()
    column_id = fields.UUID()
    collaborator_id = fields.UUID()
    overdue = fields.Boolean()
    open = fields.Boolean()
    due_before = Moment()


class ReminderOut(Schema):
    """When people are reminded of a task, and when they were."""

    kind = fields.String(required=True)
    minutes_before = fields.Integer(required=True, allow_none=True)
    at = fields.AwareDateTime(required=True, allow_none=True)
    reminded_at = fields.AwareDateTime(required=True, allow_none=True)


class TaskOut(RecordOut):
    """A task."""

    title = fields.String(required=True)
    assignee_id = fields.UUID(required=True, allow_none=True)
    department = fields.String(required=True, allow_none=True)
    due_at = fields.AwareDateTime(required=True, allow_none=True)
    priority = fields.String(required=True)
    status = fields.String(required=True)
    done_at = fields.AwareDateTime(required=True, allow_none=True)
    subjects = fields.List(fields.Nested(SubjectOut), required=True)
    origin = fields.String(required=True, allow_none=True)
    collaborator_ids = fields.List(fields.UUID(), required=True)
    reminders = fields.List(fields.Nested(ReminderOut), required=True)
    overdue_at = fields.AwareDateTime(required=True, allow_none=True)
    board_id = fields.UUID(required=True, allow_none=True)
    column_id = fields.UUID(required=True, allow_none=True)


class TasksOut(Schema):
    """A page of tasks."""

    items = fields.List(fields.Nested(TaskOut), required=True)
    next = fields.String(required=True, allow_none=True)
