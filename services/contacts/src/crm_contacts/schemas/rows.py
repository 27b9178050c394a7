"""Rows of files held to the rules of the API: quickly where they plainly keep them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson
from marshmallow import ValidationError

from crm_contacts.commands.importing.rows import RowRefused
from crm_contacts.model.values import ContactLifecycle, Point
from crm_contacts.schemas.contacts import ContactIn
from crm_contacts.schemas.values import real_day
from crm_fields.holding.schemas import LONGEST_CUSTOM
from crm_fields.spelling import email_address, phone_number

_NAMES = frozenset({"first_name", "last_name", "job_title", "department", "source"})
_LONGEST, _LONGEST_LABEL, _LONGEST_PHONE, _LONGEST_EMAIL = 200, 60, 60, 320
_MOST_POINTS, _MOST_TAGS, _LONGEST_KEY = 50, 100, 100
_LIFECYCLES = frozenset(each.value for each in ContactLifecycle)
_NUL = "\0"


class _NotPlain(Exception):
    """The schema has to judge this."""


def checked(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a contact in JSON, normalised. Raises RowRefused with the reasons."""
    try:
        return {name: _PLAINLY[name](value) for name, value in body.items()}
    except (_NotPlain, ValidationError, KeyError, ValueError, TypeError, AttributeError):
        return _judged(body)


def _judged(body: Mapping[str, Any]) -> dict[str, Any]:
    try:
        found = ContactIn().load(dict(body))
    except ValidationError as error:
        raise RowRefused([f"{name}: {why}" for name, why in _flat(error.messages)]) from error
    return {name: _json(value) for name, value in found.items()}


def _flat(messages: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(messages, dict):
        for name, inner in messages.items():
            is_place = isinstance(name, int)
            yield from _flat(inner, prefix if is_place else f"{prefix} {name}".strip())
    else:
        yield prefix, " ".join(str(message) for message in messages)


def _json(value: Any) -> Any:
    if isinstance(value, Point):
        return {"value": value.value, "label": value.label, "primary": value.primary}
    if isinstance(value, ContactLifecycle):
        return value.value
    return [_json(each) for each in value] if isinstance(value, list) else value


def _text(value: str, longest: int = _LONGEST) -> str:
    bare = value.strip()
    if not 1 <= len(bare) <= longest or _NUL in bare:
        raise _NotPlain
    return bare


def _points(
    normalise: Callable[[str], str], longest: int
) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    def read(value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len(value) > _MOST_POINTS:
            raise _NotPlain
        return [_point(each, normalise, longest) for each in value]

    return read


def _point(given: dict[str, Any], normalise: Callable[[str], str], longest: int) -> dict[str, Any]:
    value, label, primary = given["value"], given.get("label"), given.get("primary", False)
    if not 1 <= len(value) <= longest or not isinstance(primary, bool):
        raise _NotPlain
    normal = normalise(value)
    if not 1 <= len(normal) <= longest:
        raise _NotPlain
    shown = None if label is None else _text(label, _LONGEST_LABEL)
    return {"value": normal, "label": shown, "primary": primary}


def _tags(value: list[str]) -> list[str]:
    if len(value) > _MOST_TAGS:
        raise _NotPlain
    return [_text(each, _LONGEST_LABEL) for each in value]


def _lifecycle(value: str) -> str:
    if value not in _LIFECYCLES:
        raise _NotPlain
    return value


def _flag(value: bool) -> bool:  # noqa: FBT001 - the field's own value
    if not isinstance(value, bool):
        raise _NotPlain
    return value


def _day(value: str) -> str:
    real_day(value)
    return value


def _own(value: dict[str, str]) -> dict[str, str]:
    """What the company's own fields hold is judged when the row is planned."""
    is_plain = all(isinstance(each, str) and _NUL not in each for each in value.values())
    are_keys = all(1 <= len(key) <= _LONGEST_KEY for key in value)
    if not (is_plain and are_keys) or len(orjson.dumps(value)) > LONGEST_CUSTOM:
        raise _NotPlain
    return dict(value)


_PLAINLY: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(_NAMES, _text),
    "emails": _points(email_address, _LONGEST_EMAIL),
    "phones": _points(phone_number, _LONGEST_PHONE),
    "tags": _tags,
    "lifecycle": _lifecycle,
    "do_not_call": _flag,
    "birthday": _day,
    "custom": _own,
}
