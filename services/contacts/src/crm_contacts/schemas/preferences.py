"""Preferences in JSON."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from crm_chassis.web import Moment
from crm_contacts.model.preferences import Period
from crm_contacts.schemas.values import language

CHANNELS = ("email", "phone", "sms", "post", "chat")
_channel = validate.OneOf(CHANNELS)


class CapIn(Schema):
    """At most so many messages in a period; 0: none at all."""

    most = fields.Integer(strict=True, required=True, validate=validate.Range(0, 1000))
    per = fields.String(required=True, validate=validate.OneOf([*Period]))


class PreferencesIn(Schema):
    """How a contact wants to be written to; what is left out is not wished, but the language stays."""

    channel = fields.String(allow_none=True, validate=_channel)
    language = language()
    pause_from = Moment(allow_none=True)
    pause_until = Moment(allow_none=True)
    caps = fields.Dict(keys=fields.String(validate=_channel), values=fields.Nested(CapIn))

    @validates_schema
    def check(self, found: dict[str, Any], **_: Any) -> None:
        """Raise ValidationError for a pause that ends before it begins."""
        begin, end = found.get("pause_from"), found.get("pause_until")
        if begin and not end:
            reason = "A pause that begins has to end."
            raise ValidationError(reason, "pause_until")
        if begin and end and end <= begin:
            reason = "Ends before it begins."
            raise ValidationError(reason, "pause_until")


class CapOut(Schema):
    """At most so many messages by a channel in a period."""

    channel = fields.String(required=True)
    most = fields.Integer(required=True)
    per = fields.String(required=True)


class PreferencesOut(Schema):
    """How a contact wants to be written to."""

    channel = fields.String(required=True, allow_none=True)
    pause_from = fields.AwareDateTime(required=True, allow_none=True)
    pause_until = fields.AwareDateTime(required=True, allow_none=True)
    caps = fields.List(fields.Nested(CapOut), required=True)
