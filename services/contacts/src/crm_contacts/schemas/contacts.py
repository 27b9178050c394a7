"""Contacts in JSON."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from crm_chassis.web import Name, RecordOut
from crm_contacts.model.reach import CHANNELS, ChannelPoint
from crm_contacts.model.values import (
    ContactLifecycle,
    Link,
    Point,
    PointKind,
)
from crm_contacts.schemas.preferences import PreferencesOut
from crm_contacts.schemas.values import (
    AskingIn,
    OwnedIn,
    birthday,
    choice,
    email,
    language,
    optional_name,
    phone,
    tags,
    time_zone,
)
from crm_fields.holding.schemas import Custom
from crm_fields.spelling import phone_number


class EmailIn(Schema):
    """An e-mail address of a contact."""

    value = email(required=True)
    label = optional_name(60)
    primary = fields.Boolean()

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> Point:
        """Build the value."""
        return Point(**found)


class PhoneIn(EmailIn):
    """A telephone number of a contact."""

    value = phone(required=True)


class ChannelIn(Schema):
    """What a contact is called on another channel; a `whatsapp` is a telephone number."""

    channel = choice(PointKind, required=True)
    value = fields.String(
        required=True, validate=[validate.Length(1, 200), validate.Regexp(r"^\S(.*\S)?$")]
    )
    label = optional_name(60)
    primary = fields.Boolean()

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> ChannelPoint:
        """Build the value."""
        if found["channel"] not in CHANNELS:
            raise ValidationError("An address or number has a field of its own.", "channel")
        if found["channel"] is PointKind.WHATSAPP:
            try:
                found["value"] = phone_number(found["value"])
            except ValueError as error:
                raise ValidationError(str(error), "value") from error
        return ChannelPoint(**found)


class LinkIn(Schema):
    """A contact's place in an account."""

    account_id = fields.UUID(required=True)
    role = optional_name(100)
    is_primary = fields.Boolean()
    active = fields.Boolean()

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> Link:
        """Build the value."""
        return Link(**found)


class AddressIn(Schema):
    """Where a contact lives or works."""

    street = optional_name(300)
    city = optional_name()
    region = optional_name()
    postcode = optional_name(20)
    country = optional_name(100)
    label = optional_name(60)


class ContactIn(OwnedIn):
    """A contact to take up: a name, an e-mail address or a telephone number is needed."""

    first_name = optional_name()
    last_name = optional_name()
    emails = fields.List(fields.Nested(EmailIn), validate=validate.Length(max=50))
    phones = fields.List(fields.Nested(PhoneIn), validate=validate.Length(max=50))
    channels = fields.List(fields.Nested(ChannelIn), validate=validate.Length(max=50))
    account_id = fields.UUID(allow_none=True)
    account_links = fields.List(fields.Nested(LinkIn), validate=validate.Length(max=100))
    job_title = optional_name()
    department = optional_name()
    language = language()
    time_zone = time_zone()
    birthday = birthday()
    lifecycle = choice(ContactLifecycle)
    source = optional_name()
    tags = tags()
    do_not_call = fields.Boolean()
    addresses = fields.List(fields.Nested(AddressIn), validate=validate.Length(max=20))
    custom = Custom()


class ContactPatchIn(ContactIn):
    """Fields of a contact to change."""


class AllowIn(Schema):
    """Query parameters of taking up a contact."""

    allow_duplicate = fields.Boolean(load_default=False)


class ContactsIn(AskingIn):
    """Query parameters of the list of contacts."""

    q = Name()
    email = email()
    phone = phone()
    account_id = fields.UUID()
    lifecycle = choice(ContactLifecycle)
    source = Name()
    tag = Name()


class MembersIn(ContactsIn):
    """Query parameters of the list of an account's contacts."""

    active = fields.Boolean(load_default=True)


class PointOut(Schema):
    """A way to reach a contact; `quality` says whether it is right, and `judged_…` who says so."""

    value = fields.String(required=True)
    label = fields.String(required=True, allow_none=True)
    primary = fields.Boolean(required=True)
    quality = fields.String(required=True)
    judged_at = fields.AwareDateTime(required=True, allow_none=True)
    judged_by = fields.String(required=True, allow_none=True)
    judged_why = fields.String(required=True, allow_none=True)


class EmailOut(PointOut):
    """An e-mail address of a contact."""

    deliverability = fields.String(required=True)
    opted_out = fields.Boolean(required=True)


class PhoneOut(PointOut):
    """A telephone number of a contact."""


class ChannelOut(Schema):
    """What a contact is called on another channel."""

    channel = fields.String(required=True)
    value = fields.String(required=True)
    label = fields.String(required=True, allow_none=True)
    primary = fields.Boolean(required=True)


class AddressOut(Schema):
    """Where a contact lives or works."""

    street = fields.String(required=True, allow_none=True)
    city = fields.String(required=True, allow_none=True)
    region = fields.String(required=True, allow_none=True)
    postcode = fields.String(required=True, allow_none=True)
    country = fields.String(required=True, allow_none=True)
    label = fields.String(required=True, allow_none=True)


class LinkOut(Schema):
    """A contact's place in an account."""

    account_id = fields.UUID(required=True)
    role = fields.String(required=True, allow_none=True)
    is_primary = fields.Boolean(required=True)
    active = fields.Boolean(required=True)


class ContactOut(RecordOut):
    """A contact."""

    first_name = fields.String(required=True, allow_none=True)
    last_name = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)
    emails = fields.List(fields.Nested(EmailOut), required=True)
    phones = fields.List(fields.Nested(PhoneOut), required=True)
    account_id = fields.UUID(required=True, allow_none=True)
    account_ids = fields.List(fields.UUID(), required=True)
    account_links = fields.List(fields.Nested(LinkOut), required=True)
    job_title = fields.String(required=True, allow_none=True)
    department = fields.String(required=True, allow_none=True)
    language = fields.String(required=True, allow_none=True)
    time_zone = fields.String(required=True, allow_none=True)
    birthday = fields.String(required=True, allow_none=True)
    lifecycle = fields.String(required=True)
    source = fields.String(required=True, allow_none=True)
    tags = fields.List(fields.String(), required=True)
    do_not_call = fields.Boolean(required=True)
    addresses = fields.List(fields.Nested(AddressOut), required=True)
    custom = fields.Dict(keys=fields.String(), required=True)
    merged_into_id = fields.UUID(required=True, allow_none=True)
    merged_from = fields.UUID()
    preferences = fields.Nested(PreferencesOut, required=True, allow_none=True)
    channels = fields.List(fields.Nested(ChannelOut), required=True)


class ContactsOut(Schema):
    """A page of contacts."""

    items = fields.List(fields.Nested(ContactOut), required=True)
    next = fields.String(required=True, allow_none=True)
