"""Holding a predicate against one record, in Python; `sql` says the same of many."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from crm_fields.kinds import ORDER, PAST, RANGE, SPANS, Kind, Span, value_of
from crm_fields.language import All, Any_, Condition, Count, Node, Reference

Values = Mapping[str, Any]
_DATED = ORDER | RANGE | SPANS
_OPPOSITE = {"ne": "eq", "nin": "in", "not_empty": "empty"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened to a record."""

    type: str
    at: datetime
    fields: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A record's fields by name now and before the change, and what happened to it."""

    values: Values
    before: Values | None
    happened: Sequence[Happening]
    now: datetime


def holds(
    node: Node,
    values: Values,
    *,
    now: datetime,
    before: Values | None = None,
    happened: Sequence[Happening] = (),
) -> bool:
    """Say whether a predicate is true of a record's fields (JSON or Python values by name).

    `before`: the fields before the change that is judged; None: the record is new.
    """
    return _holds(node, _Seen(values=values, before=before, happened=happened, now=now))


def _holds(node: Node, seen: _Seen) -> bool:
    if isinstance(node, Condition):
        return _condition(node, seen)
    if isinstance(node, All):
        return all(_holds(part, seen) for part in node.parts)
    if isinstance(node, Any_):
        return any(_holds(part, seen) for part in node.parts)
    return not any(_holds(part, seen) for part in node.parts)


def _condition(wanted: Condition, seen: _Seen) -> bool:
    if isinstance(wanted.value, Count):
        return _count(wanted.value, seen)
    if wanted.op in PAST:
        return _changed(wanted, seen)
    if wanted.op in _OPPOSITE:
        inner = Condition(wanted.field, _OPPOSITE[wanted.op], wanted.value, wanted.kind)
        return not _condition(inner, seen)
    if wanted.kind is Kind.WORDS:
        return _words(seen.values.get(wanted.field) or (), wanted)
    return _compared(wanted, seen)


def _compared(wanted: Condition, seen: _Seen) -> bool:
    value = read(wanted.kind, seen.values.get(wanted.field))
    if wanted.op == "empty" or (wanted.op == "eq" and wanted.value is None):
        return value is None or (value == "" and wanted.op == "empty")
    other = wanted.value
    if isinstance(other, Reference):
        other = read(wanted.kind, seen.values.get(other.field))
    if value is None or other is None:
        return False
    if wanted.kind is Kind.DAY and _lacks_a_year(wanted.op, value, other):
        return False
    return _OPS[wanted.op](value, other, seen.now)


def _lacks_a_year(op: str, *days: Any) -> bool:
    """Whether days are to be ordered one of which has no year: it has no place among days."""
    named = (each for some in days for each in (some if isinstance(some, tuple) else (some,)))
    return op in _DATED and any(str(each).startswith("--") for each in named)


def read(kind: Kind, value: object) -> Any:
    """Return a record's value as conditions compare it; None for null and for what is none."""
    if kind is Kind.NUMBER and isinstance(value, Mapping):
        value = value.get("amount")
    if kind is Kind.TEXT:
        return None if value is None else str(value)
    try:
        return None if value is None else value_of(kind, value)
    except ValueError:
        return None


def _words(words: Collection[str], wanted: Condition) -> bool:
    if wanted.op == "empty" or wanted.value is None:
        return not words
    values = wanted.value if isinstance(wanted.value, tuple) else (wanted.value,)
    return any(value in words for value in values)


def _changed(wanted: Condition, seen: _Seen) -> bool:
    now = seen.values.get(wanted.field)
    was = (seen.before or {}).get(wanted.field)
    if now == was or (now in (None, "", [], ()) and was in (None, "", [], ())):
        return False
    if wanted.op == "changed":
        return True
    op = "contains" if wanted.kind is Kind.WORDS and wanted.value is not None else "eq"
    return _condition(Condition(wanted.field, op, wanted.value, wanted.kind), seen)


def _count(wanted: Count, seen: _Seen) -> bool:
    since = wanted.window.before(seen.now)
    number = sum(
        1
        for each in seen.happened
        if each.type == wanted.type and since <= each.at <= seen.now
        and (wanted.where is None or holds(wanted.where, each.fields, now=seen.now))
    )  # fmt: skip
    if wanted.op in _OPPOSITE:
        return number != wanted.n
    return _OPS[wanted.op](number, wanted.n, seen.now)


def _within(value: Any, first: datetime, last: datetime) -> bool:
    if isinstance(value, datetime):
        return first <= value <= last
    return first.date() <= date.fromisoformat(value) <= last.date()


def _anniversary(value: Any, span: Span, now: datetime) -> bool:
    day = value.isoformat()[5:10] if isinstance(value, datetime) else str(value)[-5:]
    return any(first <= day <= last for first, last in span.anniversaries(now))


def _matches(value: str, pattern: str, _: datetime) -> bool:
    return _is_like(value.lower(), pattern.lower())


def _is_like(text: str, pattern: str) -> bool:
    """Match `*` and `?` in time that is at most the product of the lengths."""
    at = here = 0
    star, resume = -1, 0
    while at < len(text):
        if here < len(pattern) and pattern[here] == "*":
            star, resume, here = here, at, here + 1
        elif here < len(pattern) and pattern[here] in {"?", text[at]}:
            at, here = at + 1, here + 1
        elif star >= 0:
            resume += 1
            at, here = resume, star + 1
        else:
            return False
    return not pattern[here:].strip("*")


_OPS: Mapping[str, Callable[[Any, Any, datetime], bool]] = {
    "eq": lambda a, b, _: bool(a == b),
    "in": lambda a, b, _: a in b,
    "lt": lambda a, b, _: a < b,
    "lte": lambda a, b, _: a <= b,
    "gt": lambda a, b, _: a > b,
    "gte": lambda a, b, _: a >= b,
    "between": lambda a, b, _: b[0] <= a <= b[1],
    "contains": lambda a, b, _: b.lower() in a.lower(),
    "starts": lambda a, b, _: a.lower().startswith(b.lower()),
    "ends": lambda a, b, _: a.lower().endswith(b.lower()),
    "matches": _matches,
    "in_last": lambda a, b, now: _within(a, b.before(now), now),
    "in_next": lambda a, b, now: _within(a, now, b.after(now)),
    "anniversary_in_next": _anniversary,
}
