"""Messages of a ticket in JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from crm_chassis.paging import PageIn
from crm_chassis.web import RecordOut
from crm_support.model.values import Direction, MessageVisibility

# With its envelope a fact stays below 64 KB, whatever the alphabet.
LONGEST_BODY = 10_000


def body_text(**options: Any) -> fields.String:
    """What is said: not blank."""
    return fields.String(validate=[validate.Length(1, LONGEST_BODY), not_blank], **options)


def not_blank(text: str) -> None:
    """Raise ValidationError for white space only."""
    if not text.strip():
        raise ValidationError("Must not be blank.")


def check_note(loaded: dict[str, Any]) -> None:
    """Raise ValidationError for an internal message that comes from the customer."""
    is_internal = loaded.get("visibility") is MessageVisibility.INTERNAL
    if is_internal and loaded.get("direction") is Direction.IN:
        raise ValidationError("A customer's message is public.", "visibility")


class MessageIn(Schema):
    """Out and public: an answer. Out and internal: a note. In: the customer's."""

    body = body_text(required=True)
    direction = fields.Enum(Direction, by_value=True)
    visibility = fields.Enum(MessageVisibility, by_value=True)

    @validates_schema
    def check(self, loaded: dict[str, Any], **_: Any) -> None:
        check_note(loaded)


class MessageQuery(PageIn):
    """A page of a conversation."""


class MessageOut(RecordOut):
    """A message as it is published; `audience` says whether the customer may read it."""

    ticket_id = fields.UUID(required=True)
    requester_id = fields.UUID(required=True, allow_none=True)
    direction = fields.Enum(Direction, by_value=True, required=True)
    audience = fields.Enum(MessageVisibility, by_value=True, required=True)
    author = fields.String(required=True)
    body = fields.String(required=True)
    sent_at = fields.AwareDateTime(required=True)
