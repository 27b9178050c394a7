"""Own fields, questions and rules in JSON, in every service alike."""

import math
from typing import Any

import orjson
from marshmallow import Schema, ValidationError, fields, post_load, pre_load, validate

from crm_chassis.paging import PageIn
from crm_chassis.web import Name

LONGEST_CUSTOM = 16 * 1024
_OWN = "custom."
_MOST_FIELDS = 20


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


def _finite(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(map(_finite, value.values()))
    return all(map(_finite, value)) if isinstance(value, list) else True


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


class AskingIn(PageIn):
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


class BoundsIn(Schema):
    """The smallest and the largest value; each a value, or `{"field": name}`."""

    min = fields.Raw()
    max = fields.Raw()

    @post_load
    def need_one(self, found: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Refuse bounds that bound nothing."""
        if not found:
            raise ValidationError("Needs min or max.")
        return found


def named(longest: int = _MOST_FIELDS) -> fields.List[Any]:
    """Some names of fields, or words."""
    return fields.List(Name(longest=100), validate=validate.Length(1, longest), allow_none=True)


class CheckIn(Schema):
    """Where a rule holds, and what: exactly one of require, forbid, match, range, unique."""

    when = fields.Dict(keys=fields.String(), allow_none=True)
    require = named()
    forbid = named()
    match = fields.Dict(
        keys=Name(longest=100), values=fields.String(validate=validate.Length(1, 300)),
        validate=validate.Length(1, _MOST_FIELDS), allow_none=True,
    )  # fmt: skip
    range = fields.Dict(
        keys=Name(longest=100), values=fields.Nested(BoundsIn),
        validate=validate.Length(1, _MOST_FIELDS), allow_none=True,
    )  # fmt: skip
    unique = named()


class OffenderOut(Schema):
    """A record that breaks a rule."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)


class TrialOut(Schema):
    """How many records a rule speaks of and how many break it; the first of those."""

    checked = fields.Integer(required=True)
    broken = fields.Integer(required=True)
    offenders = fields.List(fields.Nested(OffenderOut), required=True)


class BreachesIn(Schema):
    """Query parameters of the list of rules that are broken."""

    rule_id = fields.UUID()
    record_id = fields.UUID()
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    cursor = fields.String(load_default=None, validate=validate.Length(max=300))


class BreachOut(Schema):
    """A rule that a record breaks since it was last written."""

    object = fields.String(required=True)
    record_id = fields.UUID(required=True)
    rule_id = fields.UUID(required=True)
    field = fields.String(required=True)
    message = fields.String(required=True)
    severity = fields.String(required=True)
    suggestion = fields.String(required=True, allow_none=True)
    noted_at = fields.AwareDateTime(required=True)


class BreachesOut(Schema):
    """A page of broken rules."""

    items = fields.List(fields.Nested(BreachOut), required=True)
    next = fields.String(required=True, allow_none=True)


class HistoryIn(Schema):
    """Query parameters of a history."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    cursor = fields.Integer(load_default=None, validate=validate.Range(1, 2**62))


class ChangeOut(Schema):
    """One field before and after."""

    field = fields.String(required=True)
    old = fields.Raw(required=True, allow_none=True)
    new = fields.Raw(required=True, allow_none=True)


class ChangesOut(Schema):
    """What one write changed."""

    version = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    actor = fields.String(required=True)
    on_behalf_of = fields.String(required=True, allow_none=True)
    source = fields.String(required=True)
    changes = fields.List(fields.Nested(ChangeOut), required=True)


class HistoryOut(Schema):
    """A page of a history, newest first."""

    items = fields.List(fields.Nested(ChangesOut), required=True)
    next = fields.String(required=True, allow_none=True)


class SensitiveOut(Schema):
    """What a record holds in its sensitive fields."""

    custom = fields.Dict(keys=fields.String(), required=True)
