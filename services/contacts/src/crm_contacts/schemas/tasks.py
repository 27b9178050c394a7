"""Tasks in JSON."""

from marshmallow import Schema, fields

from crm_chassis.web import Moment, Name, RecordOut
from crm_contacts.model.values import Priority, TaskStatus
from crm_contacts.schemas.values import (
    AboutIn,
    OwnedIn,
    SubjectOut,
    choice,
    optional_name,
    subjects,
)


class TaskPatchIn(OwnedIn):
    """Fields of a task to change."""

    title = Name(longest=500)
    assignee_id = fields.UUID(allow_none=True)
    department = optional_name(60)
    due_at = Moment(allow_none=True)
    priority = choice(Priority)
    status = choice(TaskStatus)
    subjects = subjects()


class TaskIn(TaskPatchIn):
    """A task to create."""

    title = Name(longest=500, required=True)


class TasksIn(AboutIn):
    """Query parameters of the list of tasks."""

    q = Name()
    assignee_id = fields.UUID()
    department = Name()
    priority = choice(Priority)
    status = choice(TaskStatus)
    origin = Name()


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


class TasksOut(Schema):
    """A page of tasks."""

    items = fields.List(fields.Nested(TaskOut), required=True)
    next = fields.String(required=True, allow_none=True)
