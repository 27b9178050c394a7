"""Shapes of notifications and of how people want them."""

from zoneinfo import available_timezones

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from crm_gateway.model import Mailing, News

_MOST_ON_A_PAGE = 100


class NotificationsIn(Schema):
    """Which groups: a page of them, only those with something unread."""

    unread = fields.Boolean(load_default=False)
    limit = fields.Integer(load_default=30, validate=validate.Range(1, _MOST_ON_A_PAGE))
    cursor = fields.Integer(load_default=None, strict=False, validate=validate.Range(1, 2**62))


class NotificationOut(Schema):
    """One thing somebody was told."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(list(News)))
    text = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    actor = fields.String(required=True)
    about_kind = fields.String(required=True)
    about_id = fields.UUID(required=True)
    read_at = fields.AwareDateTime(required=True, allow_none=True)


class NotificationGroupOut(Schema):
    """What somebody was told about one record; `path` is its page in the console."""

    kind = fields.String(required=True)
    id = fields.UUID(required=True)
    title = fields.String(required=True)
    path = fields.String(required=True, allow_none=True)
    number = fields.Integer(required=True)
    unread = fields.Integer(required=True)
    upto = fields.Integer(required=True)
    items = fields.List(fields.Nested(NotificationOut), required=True)


class NotificationsOut(Schema):
    """A page of groups, the one with the newest first."""

    items = fields.List(fields.Nested(NotificationGroupOut), required=True)
    next = fields.String(required=True, allow_none=True)


class UnreadOut(Schema):
    """In how many groups there is something unread, and how much; at most 1,000 are counted."""

    groups = fields.Integer(required=True)
    unread = fields.Integer(required=True)


class GroupIn(Schema):
    """The record a group is about."""

    kind = fields.String(required=True, validate=validate.Length(1, 60))
    id = fields.UUID(required=True)


class ReadIn(Schema):
    """What was read: a group, or everything; nothing newer than `upto`."""

    group = fields.Nested(GroupIn, load_default=None, allow_none=True)
    upto = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 2**62))


class ReadOut(Schema):
    """How many were marked as read."""

    read = fields.Integer(required=True)


class ChannelsIn(Schema):
    """Where one kind of news is told."""

    console = fields.Boolean(truthy={True}, falsy={False})
    mail = fields.String(validate=validate.OneOf(list(Mailing)))


class DigestIn(Schema):
    """When the digest comes: the hour, on which days (Monday is 1), where; null: the company's."""

    hour = fields.Integer(validate=validate.Range(0, 23), strict=True)
    days = fields.List(
        fields.Integer(validate=validate.Range(1, 7), strict=True), validate=validate.Length(0, 7)
    )
    time_zone = fields.String(allow_none=True, validate=validate.Length(1, 64))

    @validates_schema
    def _check(self, given: dict[str, object], **_: object) -> None:
        zone = given.get("time_zone")
        if zone is not None and zone not in available_timezones():
            raise ValidationError("No such time zone.", "time_zone")


class PreferencesIn(Schema):
    """How somebody wants to be told; what is not named stays."""

    kinds = fields.Dict(
        keys=fields.String(validate=validate.OneOf(list(News))), values=fields.Nested(ChannelsIn),
        load_default=dict,
    )  # fmt: skip
    digest = fields.Nested(DigestIn, load_default=dict)


class ChannelsOut(Schema):
    """Where one kind of news is told."""

    console = fields.Boolean(required=True)
    mail = fields.String(required=True)


class DigestOut(Schema):
    """When the digest comes."""

    hour = fields.Integer(required=True)
    days = fields.List(fields.Integer(), required=True)
    time_zone = fields.String(required=True, allow_none=True)


class PreferencesOut(Schema):
    """How somebody wants to be told, of every kind of news."""

    kinds = fields.Dict(keys=fields.String(), values=fields.Nested(ChannelsOut), required=True)
    digest = fields.Nested(DigestOut, required=True)
