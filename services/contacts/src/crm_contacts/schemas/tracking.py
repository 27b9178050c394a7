"""Types of events, and events other systems tell of, in JSON."""

from collections import Counter
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from crm_chassis.paging import PageIn
from crm_chassis.web import Moment, Name, RecordOut
from crm_contacts.model.event_type import PROPERTY_TYPES
from crm_contacts.model.identity import SeenOn
from crm_contacts.schemas.values import email
from crm_fields.types import CHOICES

LARGEST_BATCH = 500
_NAME = validate.Regexp(r"^[a-z][a-z0-9_]{0,39}(\.[a-z][a-z0-9_]{0,39}){0,3}\Z")
_KEY = validate.Regexp(r"^[a-z][a-z0-9_]{0,39}\Z")
_WORD = validate.Regexp(r"^\S(.*\S)?\Z")


class PropertyIn(Schema):
    """What an event says."""

    key = fields.String(required=True, validate=_KEY)
    type = fields.String(
        required=True, validate=validate.OneOf(sorted(each.value for each in PROPERTY_TYPES))
    )
    label = Name(required=True)
    required = fields.Boolean(load_default=False)
    options = fields.List(Name(), load_default=list, validate=validate.Length(max=200))

    @validates_schema
    def offer_choices(self, found: dict[str, Any], **_: Any) -> None:
        """Options are there for choices, and for nothing else."""
        is_choice = found.get("type") in {each.value for each in CHOICES}
        if is_choice != bool(found.get("options")):
            raise ValidationError("For choices, and for nothing else.", "options")


class EventTypePatchIn(Schema):
    """What may change of a type of event."""

    title = Name()
    properties = fields.List(fields.Nested(PropertyIn), validate=validate.Length(max=50))

    @validates_schema
    def name_once(self, found: dict[str, Any], **_: Any) -> None:
        """A key stands for one property."""
        keys = Counter(each["key"] for each in found.get("properties") or ())
        if twice := [key for key, number in keys.items() if number > 1]:
            raise ValidationError(f"Named twice: {', '.join(twice)}.", "properties")


class EventTypeIn(EventTypePatchIn):
    """A type of event, by the name that events give."""

    name = fields.String(required=True, validate=_NAME)
    title = Name(required=True)


class EventTypesIn(PageIn):
    """Query parameters of the list of types of events."""

    archived = fields.Boolean(load_default=False)


class PropertyOut(Schema):
    """What an event says."""

    key = fields.String(required=True)
    type = fields.String(required=True)
    label = fields.String(required=True)
    required = fields.Boolean(required=True)
    options = fields.List(fields.String(), required=True)


class EventTypeOut(RecordOut):
    """A type of event."""

    name = fields.String(required=True)
    title = fields.String(required=True)
    properties = fields.List(fields.Nested(PropertyOut), required=True)


class EventTypesOut(Schema):
    """A page of types of events."""

    items = fields.List(fields.Nested(EventTypeOut), required=True)
    next = fields.String(required=True, allow_none=True)


class VisitorIn(Schema):
    """Somebody on a channel, known to us or not."""

    channel = fields.String(
        load_default=SeenOn.WEB.value, validate=validate.OneOf([each.value for each in SeenOn])
    )
    value = fields.String(required=True, validate=[validate.Length(1, 200), _WORD])


class EventIn(Schema):
    """An event, of a contact, of whose e-mail address this is, or of a visitor."""

    id = fields.String(required=True, validate=[validate.Length(1, 200), _WORD])
    type = fields.String(required=True, validate=_NAME)
    at = Moment(required=True)
    contact_id = fields.UUID()
    email = email()
    visitor = fields.Nested(VisitorIn)
    account_id = fields.UUID()
    properties = fields.Dict(keys=fields.String(validate=_KEY), load_default=dict)

    @validates_schema
    def name_one(self, found: dict[str, Any], **_: Any) -> None:
        """Name whom it is of, in one way."""
        if len(found.keys() & {"contact_id", "email", "visitor"}) != 1:
            raise ValidationError("Name one of contact_id, email and visitor.", "contact_id")


class EventsIn(Schema):
    """Up to 500 events of one source; each is checked by itself, and taken once by its id."""

    source = fields.String(required=True, validate=[validate.Length(1, 60), _WORD])
    events = fields.List(
        fields.Dict(keys=fields.String()), required=True,
        validate=validate.Length(1, LARGEST_BATCH),
        metadata={"items": {"$ref": "#/components/schemas/Event"}},
    )  # fmt: skip
