"""Shapes of roles: what may be granted, object by object and field by field."""

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, validate, validates
from marshmallow import fields as shapes

from crm_chassis import paging, web
from crm_chassis.rights import ACTIONS, SPECIAL, Range
from crm_contracts import objects

_LIMITS = ("hidden", "read", "edit")
_RANGES = tuple(str(each) for each in Range)
_CUSTOM = "custom."
_Limits = shapes.Dict(keys=shapes.String(), values=shapes.String(validate=validate.OneOf(_LIMITS)))


class RolePatchIn(Schema):
    """Changes of a role; each member replaces what was."""

    name = web.Name(longest=80)
    grants = shapes.Dict(
        keys=shapes.String(),
        values=shapes.Dict(
            keys=shapes.String(), values=shapes.String(validate=validate.OneOf(_RANGES))
        ),
        metadata={"description": "object: {action: none, own, team or all}; unnamed is none"},
    )
    fields = shapes.Dict(  # type: ignore[assignment]  # the schema takes it out of its class
        keys=shapes.String(), values=_Limits,
        metadata={"description": "object: {field: hidden, read or edit}; unnamed is edit"},
    )  # fmt: skip
    special = shapes.List(shapes.String(validate=validate.OneOf(SPECIAL)))

    @validates("grants")
    def check_grants(self, given: Mapping[str, Mapping[str, str]], **_: Any) -> None:
        """Refuse an object or an action there is not."""
        _refuse(given, lambda _: ACTIONS, "action")

    @validates("fields")
    def check_fields(self, given: Mapping[str, Mapping[str, str]], **_: Any) -> None:
        """Refuse a field there is not, and hiding what says whose a record is."""
        own = {name for limits in given.values() for name in limits if name.startswith(_CUSTOM)}
        _refuse(given, lambda name: objects.fields_of(name) | own, "field")
        for name, limits in given.items():
            for field, limit in limits.items():
                if limit == "hidden" and not objects.is_hideable(field):
                    raise ValidationError({name: {field: ["can be read-only, not hidden"]}})


class RoleIn(RolePatchIn):
    """A new role."""

    name = web.Name(longest=80, required=True)


class RolesIn(paging.PageIn):
    """Query parameters of the list of roles."""

    archived = shapes.Boolean(load_default=False)


class RoleOut(web.RecordOut):
    """A role; `key` is that of a system role, which cannot be changed."""

    name = shapes.String(required=True)
    key = shapes.String(required=True, allow_none=True)
    grants = shapes.Dict(keys=shapes.String(), required=True)
    fields = shapes.Dict(keys=shapes.String(), required=True)  # type: ignore[assignment]
    special = shapes.List(shapes.String(), required=True)


class RolesOut(Schema):
    """A page of roles."""

    items = shapes.List(shapes.Nested(RoleOut), required=True)
    next = shapes.String(required=True, allow_none=True)


def _refuse(given: Mapping[str, Mapping[str, str]], known: Any, what: str) -> None:
    """Raise ValidationError naming every object, and every action or field, there is not."""
    faults: dict[str, Any] = {}
    for name, inner in given.items():
        if name not in objects.objects():
            faults[name] = ["no such object"]
        elif unknown := _unknown(inner, known(name)):
            faults[name] = {each: [f"no such {what}"] for each in unknown}
    if faults:
        raise ValidationError(faults)


def _unknown(names: Iterable[str], known: Iterable[str]) -> list[str]:
    return sorted(set(names) - set(known))
