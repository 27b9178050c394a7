"""Fields and parts that the schemas share."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from marshmallow import Schema, ValidationError, fields, post_load, validate
from webargs.fields import DelimitedList

from crm_chassis.paging import LARGEST_PAGE, PageIn
from crm_chassis.web import Moment, Name
from crm_contacts.model import values
from crm_fields import spelling
from crm_fields.holding import schemas as asking

_LEAP_YEAR = 2000
_BIRTHDAY = re.compile(r"(\d{4}|-)-(\d\d)-(\d\d)")
_LANGUAGE = validate.Regexp(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")
_TIME_ZONES = frozenset(available_timezones())


class Normal(fields.String):
    """A text brought into its one spelling by a function of the model."""

    def __init__(
        self, normalise: Callable[[str], str], *, longest: int = 320, **options: Any
    ) -> None:
        """Take the function, which raises ValueError with the reason, and marshmallow's options."""
        # Checked as given too: the one spelling may be shorter.
        self.length = validate.Length(1, longest)
        super().__init__(validate=self.length, **options)
        self.normalise = normalise

    def _deserialize(self, *arguments: Any, **options: Any) -> str:
        text = super()._deserialize(*arguments, **options)
        self.length(text)
        try:
            return self.normalise(text)
        except ValueError as error:
            raise ValidationError(str(error)) from error


def email(**options: Any) -> Normal:
    """An e-mail address."""
    return Normal(spelling.email_address, metadata={"format": "email"}, **options)


def phone(**options: Any) -> Normal:
    """A telephone number."""
    return Normal(spelling.phone_number, longest=60, **options)


def choice(kind: type[Any], **options: Any) -> fields.Enum[Any]:
    """One of an enumeration, by value."""
    return fields.Enum(kind, by_value=True, **options)


def tags() -> fields.List[Any]:
    """Short words without order."""
    return fields.List(Name(longest=60), validate=validate.Length(max=100))


def optional_name(longest: int = 200) -> Name:
    """A short text or null."""
    return Name(longest=longest, allow_none=True)


def language() -> fields.String:
    """A language tag, like `en` or `pt-BR`."""
    return fields.String(allow_none=True, validate=_LANGUAGE)


def time_zone() -> fields.String:
    """A time zone of the IANA database."""
    return fields.String(allow_none=True, validate=_known_time_zone)


def birthday() -> fields.String:
    """A date, or `--MM-DD` without the year."""
    return fields.String(allow_none=True, validate=real_day)


class SubjectIn(Schema):
    """A pointer at any record."""

    type = fields.String(required=True, validate=validate.Regexp(r"^[a-z][a-z_]{0,39}$"))
    id = fields.UUID(required=True)

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> values.Subject:
        """Build the value."""
        return values.Subject(**found)


def subjects() -> fields.List[Any]:
    """What a note, a task or an interaction is about."""
    return fields.List(fields.Nested(SubjectIn), validate=validate.Length(max=50))


class OwnedIn(Schema):
    """Who a record belongs to and who may see it."""

    owner_id = fields.UUID(allow_none=True)
    team_id = fields.UUID(allow_none=True)
    visibility = fields.String(validate=validate.OneOf(["all", "team", "private"]))


def ids() -> DelimitedList:
    """Up to 200 ids, parted by commas."""
    return DelimitedList(fields.UUID(), validate=validate.Length(1, LARGEST_PAGE))


class FilterIn(PageIn):
    """Query parameters that every list of contacts has."""

    ids = ids()
    owner_id = fields.UUID()
    team_id = fields.UUID()
    created_since = Moment()
    created_before = Moment()
    archived = fields.Boolean(load_default=False)


class AskingIn(FilterIn, asking.AskingIn):
    """Query parameters of lists that can be asked for anything: `?where=`, `?custom.<key>=`."""


class AboutIn(FilterIn):
    """Query parameters of lists of records that point at others."""

    subject_id = fields.UUID()
    subject_type = fields.String(validate=validate.Length(1, 40))


class SubjectOut(Schema):
    """A pointer at any record."""

    type = fields.String(required=True)
    id = fields.UUID(required=True)


def _known_time_zone(name: str) -> None:
    if name not in _TIME_ZONES:
        reason = "Not a time zone."
        raise ValidationError(reason)


def real_day(text: str) -> None:
    """Raise ValidationError unless it is a date, or one without the year."""
    year, month, day = match.groups() if (match := _BIRTHDAY.fullmatch(text)) else ("0", "0", "0")
    try:
        date(_LEAP_YEAR if year == "-" else int(year), int(month), int(day))
    except ValueError as error:
        reason = "Not a date (YYYY-MM-DD or --MM-DD)."
        raise ValidationError(reason) from error
