"""Visitors in JSON."""

from typing import Any

import orjson
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from crm_chassis.paging import PageIn
from crm_chassis.web import Moment, RecordOut
from crm_contacts.model.identity import SeenOn
from crm_contacts.schemas.values import choice, email

_LONGEST_VALUE, _LARGEST_PROFILE = 200, 4096
_PLAIN = (str, int, float, bool, type(None))


class SeenIn(Schema):
    """Somebody on a channel; the profile holds plain values, up to 4 KB of them."""

    channel = choice(SeenOn, load_default=SeenOn.WEB)
    value = fields.String(
        required=True,
        validate=[validate.Length(1, _LONGEST_VALUE), validate.Regexp(r"^\S(.*\S)?$")],
    )
    profile = fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"^[a-z][a-z0-9_]{0,39}$")), load_default=dict
    )
    seen_at = Moment()

    @validates_schema
    def bound(self, found: dict[str, Any], **_: Any) -> None:
        """Keep profiles small: they are no place for documents."""
        profile = found.get("profile") or {}
        if not all(isinstance(each, _PLAIN) for each in profile.values()):
            raise ValidationError("Plain values only.", "profile")
        if len(orjson.dumps(profile)) > _LARGEST_PROFILE:
            raise ValidationError("Longer than 4 KB.", "profile")


class RecogniseIn(Schema):
    """Whom a visitor is: a contact of ours, or whose e-mail address this is."""

    contact_id = fields.UUID()
    email = email()
    take_over = fields.Boolean(load_default=False)

    @validates_schema
    def name_one(self, found: dict[str, Any], **_: Any) -> None:
        """Name one of the two."""
        if ("contact_id" in found) == ("email" in found):
            raise ValidationError("Name a contact or an e-mail address.", "contact_id")


class IdentitiesIn(PageIn):
    """Query parameters of the list of visitors."""

    channel = choice(SeenOn)
    value = fields.String(validate=validate.Length(1, _LONGEST_VALUE))
    contact_id = fields.UUID()
    identified = fields.Boolean()


class IdentityOut(RecordOut):
    """Somebody seen on a channel."""

    channel = fields.String(required=True)
    value = fields.String(required=True)
    contact_id = fields.UUID(required=True, allow_none=True)
    first_seen_at = fields.AwareDateTime(required=True)
    last_seen_at = fields.AwareDateTime(required=True)
    identified_at = fields.AwareDateTime(required=True, allow_none=True)
    profile = fields.Dict(keys=fields.String(), required=True)


class IdentitiesOut(Schema):
    """A page of visitors."""

    items = fields.List(fields.Nested(IdentityOut), required=True)
    next = fields.String(required=True, allow_none=True)
