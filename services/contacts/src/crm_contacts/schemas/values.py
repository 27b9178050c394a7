"""Fields and parts that the schemas share."""

import math
import re
from collections.abc import Callable
from datetime import date
from typing import Any
from zoneinfo import available_timezones

import orjson
from marshmallow import Schema, ValidationError, fields, post_load, pre_load, validate
from webargs.fields import DelimitedList

from crm_chassis.paging import LARGEST_PAGE, PageIn
from crm_chassis.web import Moment, Name
from crm_contacts.model import values

LONGEST_CUSTOM = 16 * 1024
_LEAP_YEAR, _OWN = 2000, "custom."
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


class Custom(fields.Dict):
    """Fields of the deployment's own: any JSON object of moderate size."""

    def __init__(self, **options: Any) -> None:
        """Take marshmallow's options."""
        super().__init__(keys=fields.String(validate=validate.Length(1, 100)), **options)

    def _deserialize(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        found: dict[str, Any] = super()._deserialize(*arguments, **options)  # type: ignore[no-untyped-call]
        try:
            size = len(orjson.dumps(found))
        except TypeError as error:  # an integer of more than 64 bits, or nested too deep
            reason = "Holds a number that is too large."
            raise ValidationError(reason) from error
        if size > LONGEST_CUSTOM:
            reason = "Longer than 16 KB."
            raise ValidationError(reason)
        if not _finite(found):
            reason = "Holds a number that is too large."
            raise ValidationError(reason)
        return found


class _Predicate(fields.Field[dict[str, Any]]):
    """A predicate as JSON in a query parameter; what it says is judged where fields are known."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> dict[str, Any]:
        try:
            found = orjson.loads(str(value))
        except ValueError as error:
            reason = "Not JSON."
            raise ValidationError(reason) from error
        if not isinstance(found, dict):
            reason = "Not an object."
            raise ValidationError(reason)
        return found


def email(**options: Any) -> Normal:
    """An e-mail address."""
    return Normal(values.email_address, metadata={"format": "email"}, **options)


def phone(**options: Any) -> Normal:
    """A telephone number."""
    return Normal(values.phone_number, longest=60, **options)


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


class AskingIn(FilterIn):
    """Query parameters of lists that can be asked for anything: `?where=`, `?custom.<key>=`."""

    where = _Predicate(
        metadata={"type": "string", "description": "A predicate as JSON: {field, op, value}, …"}
    )
    custom = fields.Dict(
        keys=fields.String(), values=fields.String(validate=validate.Length(1, 500)),
        metadata={"description": "Fields of the company's own, written `custom.<key>=value`"},
    )  # fmt: skip

    @pre_load
    def gather(self, given: Any, **_: Any) -> dict[str, Any]:
        """Take `custom.<key>=…` together."""
        own = {name: given[name] for name in given if name.startswith(_OWN)}
        rest = {name: given[name] for name in given if name not in own}
        found = {name.removeprefix(_OWN): value for name, value in own.items()}
        return {**rest, "custom": found} if found else rest


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


def _finite(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(map(_finite, value.values()))
    return all(map(_finite, value)) if isinstance(value, list) else True
