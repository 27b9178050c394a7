"""Tickets in JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from crm_chassis.web import Moment, Name, RecordOut
from crm_fields.holding.schemas import AskingIn, Custom
from crm_support.commands.imports import ImportTicket, PastMessage
from crm_support.commands.tickets import OpenTicket
from crm_support.model.values import (
    Channel,
    Direction,
    MessageVisibility,
    Priority,
    TicketKind,
    TicketStatus,
    Visibility,
)
from crm_support.schemas.messages import body_text, check_note

_PAST_ONLY = ("opened_at", "messages", "status", "resolved_at", "closed_at")


class TicketPatch(Schema):
    """What to change; assignment, priority and status change through their own resources."""

    subject = Name()
    requester_id = fields.UUID(allow_none=True)
    account_id = fields.UUID(allow_none=True)
    deal_id = fields.UUID(allow_none=True)
    channel = fields.Enum(Channel, by_value=True)
    kind = fields.Enum(TicketKind, by_value=True)
    tags = fields.List(Name(longest=50), validate=validate.Length(max=50))
    owner_id = fields.UUID(allow_none=True)
    visibility = fields.String(validate=validate.OneOf([each.value for each in Visibility]))
    custom = Custom()


class TicketFields(TicketPatch):
    """What a ticket is opened with; `body` is what the customer wrote."""

    subject = Name(required=True)
    body = body_text()
    priority = fields.Enum(Priority, by_value=True)
    assignee_id = fields.UUID(allow_none=True)
    team_id = fields.UUID(allow_none=True)


class TicketIn(TicketFields):
    """A new ticket."""

    @post_load
    def build(self, loaded: dict[str, Any], **_: Any) -> OpenTicket:
        return open_ticket(loaded)


class PastMessageIn(Schema):
    """A message of an imported ticket."""

    body = body_text(required=True)
    sent_at = Moment(required=True)
    direction = fields.Enum(Direction, by_value=True)
    visibility = fields.Enum(MessageVisibility, by_value=True)
    author = Name(longest=100)

    @validates_schema
    def check(self, loaded: dict[str, Any], **_: Any) -> None:
        check_note(loaded)

    @post_load
    def build(self, loaded: dict[str, Any], **_: Any) -> PastMessage:
        return PastMessage(**loaded)


class TicketBatchIn(TicketFields):
    """A ticket of a batch. With `imported: true` it may bring its past along.

    `messages`, oldest first, are lived through from `opened_at` on; `status`, with `resolved_at`
    and `closed_at`, says where it stands now when the messages alone do not lead there.
    """

    imported = fields.Boolean(load_default=False)
    opened_at = Moment()
    messages = fields.List(fields.Nested(PastMessageIn), validate=validate.Length(max=200))
    status = fields.Enum(TicketStatus, by_value=True)
    resolved_at = Moment()
    closed_at = Moment()

    @validates_schema
    def check_past(self, loaded: dict[str, Any], **_: Any) -> None:
        past = [name for name in _PAST_ONLY if name in loaded]
        if past and not loaded["imported"]:
            raise ValidationError({name: ["Only with imported: true."] for name in past})
        if loaded["imported"] and "opened_at" not in loaded:
            raise ValidationError("An import says when.", "opened_at")
        if loaded["imported"] and "body" in loaded:
            raise ValidationError("An import lists its messages.", "body")

    @post_load
    def build(self, loaded: dict[str, Any], **_: Any) -> OpenTicket | ImportTicket:
        past = {name: loaded.pop(name) for name in _PAST_ONLY if name in loaded}
        if not loaded.pop("imported"):
            return open_ticket(loaded)
        past["messages"] = tuple(past.get("messages", ()))
        return ImportTicket(ticket=open_ticket(loaded), **past)


def open_ticket(loaded: dict[str, Any]) -> OpenTicket:
    """Build the command from loaded fields."""
    loaded["tags"] = tuple(loaded.get("tags", ()))
    return OpenTicket(**loaded)


class TicketAssignmentIn(Schema):
    """Whose ticket it is: a person's, a team's, both or, with null, nobody's."""

    assignee_id = fields.UUID(required=True, allow_none=True)
    team_id = fields.UUID(allow_none=True, load_default=None)


class TicketPriorityIn(Schema):
    """How urgent it is."""

    priority = fields.Enum(Priority, by_value=True, required=True)


class TicketStatusIn(Schema):
    """Where it stands."""

    status = fields.Enum(TicketStatus, by_value=True, required=True)


class TicketQuery(AskingIn):
    """Filters of the list of tickets; `q` is a part of the subject."""

    q = fields.String(load_default=None, validate=validate.Length(1, 200))
    status = fields.Enum(TicketStatus, by_value=True)
    priority = fields.Enum(Priority, by_value=True)
    kind = fields.Enum(TicketKind, by_value=True)
    channel = fields.Enum(Channel, by_value=True)
    requester_id = fields.UUID()
    account_id = fields.UUID()
    assignee_id = fields.UUID()
    team_id = fields.UUID()
    owner_id = fields.UUID()
    deal_id = fields.UUID()
    origin = fields.String()


class TicketOut(RecordOut):
    """A ticket as it is published."""

    subject = fields.String(required=True)
    requester_id = fields.UUID(required=True, allow_none=True)
    account_id = fields.UUID(required=True, allow_none=True)
    channel = fields.String(required=True)
    kind = fields.Enum(TicketKind, by_value=True, required=True)
    status = fields.Enum(TicketStatus, by_value=True, required=True)
    priority = fields.Enum(Priority, by_value=True, required=True)
    assignee_id = fields.UUID(required=True, allow_none=True)
    tags = fields.List(fields.String(), required=True)
    first_response_at = fields.AwareDateTime(required=True, allow_none=True)
    resolved_at = fields.AwareDateTime(required=True, allow_none=True)
    closed_at = fields.AwareDateTime(required=True, allow_none=True)
    reopen_count = fields.Integer(required=True)
    origin = fields.String(required=True, allow_none=True)
    deal_id = fields.UUID(required=True, allow_none=True)
    custom = fields.Dict(required=True)


class SpanOut(Schema):
    """A part of a clock's time and how it counted."""

    kind = fields.String(required=True)
    started_at = fields.AwareDateTime(required=True)
    ended_at = fields.AwareDateTime(required=True)
    seconds = fields.Integer(required=True)


class ClockOut(Schema):
    """A clock; `explain` tiles its time exactly."""

    id = fields.UUID(required=True)
    metric = fields.String(required=True)
    state = fields.String(required=True)
    started_at = fields.AwareDateTime(required=True)
    target_seconds = fields.Integer(required=True)
    due_at = fields.AwareDateTime(required=True)
    stopped_at = fields.AwareDateTime(required=True, allow_none=True)
    explain = fields.List(fields.Nested(SpanOut), required=True)


class ClocksOut(Schema):
    """All clocks of a ticket, oldest first."""

    items = fields.List(fields.Nested(ClockOut), required=True)
