"""Interactions in JSON."""

from marshmallow import Schema, fields, validate

from crm_chassis.web import Moment, Name, RecordOut
from crm_contacts.model.values import InteractionType
from crm_contacts.schemas.values import (
    AboutIn,
    OwnedIn,
    SubjectOut,
    choice,
    optional_name,
    subjects,
)

_LONGEST_TEXT = 20_000
_LONGEST_CALL_SECONDS = 30 * 24 * 3600


class InteractionIn(OwnedIn):
    """An interaction to log; `source_service` with `source_id` makes repeats harmless."""

    type = choice(InteractionType, required=True)
    direction = fields.String(allow_none=True, validate=validate.OneOf(["in", "out"]))
    at = Moment(required=True)
    duration_seconds = fields.Integer(
        strict=True, allow_none=True, validate=validate.Range(0, _LONGEST_CALL_SECONDS)
    )
    subject = optional_name(500)
    summary = optional_name(_LONGEST_TEXT)
    subjects = subjects()
    source_service = optional_name(60)
    source_id = optional_name()
    outcome = optional_name(100)


class InteractionsIn(AboutIn):
    """Query parameters of the list of interactions."""

    type = choice(InteractionType)
    direction = fields.String(validate=validate.OneOf(["in", "out"]))
    source_service = Name()
    source_id = Name()
    event = Name()


class InteractionOut(RecordOut):
    """An interaction."""

    type = fields.String(required=True)
    direction = fields.String(required=True, allow_none=True)
    at = fields.AwareDateTime(required=True)
    duration_seconds = fields.Integer(required=True, allow_none=True)
    subject = fields.String(required=True, allow_none=True)
    summary = fields.String(required=True, allow_none=True)
    subjects = fields.List(fields.Nested(SubjectOut), required=True)
    source_service = fields.String(required=True, allow_none=True)
    source_id = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True)
    event = fields.String(required=True, allow_none=True)
    properties = fields.Dict(keys=fields.String(), required=True)


class InteractionsOut(Schema):
    """A page of interactions."""

    items = fields.List(fields.Nested(InteractionOut), required=True)
    next = fields.String(required=True, allow_none=True)
