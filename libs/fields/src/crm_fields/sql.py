"""Predicates as SQL conditions; every value is a bound parameter.

Where a field stands is told by a `Place`; what is true of a record here is true of it in
`evaluation`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    Numeric,
    Text,
    Uuid,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    not_,
    or_,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from crm_fields.kinds import ORDER, RANGE, SPANS, Kind, Span
from crm_fields.language import All, Any_, Condition, Node, Not, Reference
from crm_fields.types import PREFIX

Column = ColumnElement[Any]
Bool = ColumnElement[bool]
_DATED = ORDER | RANGE | SPANS


def _itself(condition: Bool) -> Bool:
    return condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a field stands: in `column` of the row, or of rows beside it.

    `within` makes of a condition on the column one on the row: that a row beside it has it.
    """

    column: Column
    within: Callable[[Bool], Bool] = _itself


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsPlace:
    """Where several words stand: a condition for having one, and for having none."""

    has: Callable[[str], Bool]
    is_empty: Bool


Places = Callable[[str, Kind], Place | WordsPlace]


def compiled(node: Node, places: Places, *, now: datetime) -> Bool:
    """Return what is true of exactly the rows a predicate means.

    Where it stands under no `not`, a comparison is left as it is: null selects no row either, and
    an index can be used.
    """
    return _compiled(node, places, now, is_exact=False)


def json_words(value: Column) -> WordsPlace:
    """Return where words stand in a JSON list."""
    known = func.coalesce(value, literal([], JSONB))
    return WordsPlace(
        has=lambda word: known.op("@>", is_comparison=True)(literal([word], JSONB)),
        is_empty=known == literal([], JSONB),
    )


def json_place(custom: Column, name: str, kind: Kind) -> Place | WordsPlace:
    """Return where a field made at run time stands in a JSON column of the row (`custom.<key>`)."""
    key, _, part = name.removeprefix(PREFIX).partition(".")
    value = custom[key]
    if kind is Kind.WORDS:
        return json_words(value)
    if kind is Kind.NUMBER:
        amount = case(
            (func.jsonb_typeof(value) == "number", cast(custom[key].astext, Numeric)),
            (func.jsonb_typeof(value) == "object", cast(custom[(key, "amount")].astext, Numeric)),
        )
        return Place(column=amount)
    text = custom[(key, part)].astext if part else custom[key].astext
    of_kind: dict[Kind, Any] = {
        Kind.FLAG: Boolean(),
        Kind.MOMENT: DateTime(timezone=True),
        Kind.ID: Uuid(),
    }
    return Place(column=cast(text, of_kind[kind]) if kind in of_kind else text)


def _compiled(node: Node, places: Places, now: datetime, *, is_exact: bool) -> Bool:
    if isinstance(node, Condition):
        return _condition(node, places, now, is_exact=is_exact)
    if isinstance(node, Not):
        parts = [_compiled(part, places, now, is_exact=True) for part in node.parts]
        return not_(or_(false(), *parts))
    parts = [_compiled(part, places, now, is_exact=is_exact) for part in node.parts]
    if isinstance(node, All):
        return and_(true(), *parts)
    assert isinstance(node, Any_)  # noqa: S101 - mypy's proof that nothing is left
    return or_(false(), *parts)


def _condition(wanted: Condition, places: Places, now: datetime, *, is_exact: bool) -> Bool:
    if wanted.op in _OPPOSITE:
        inner = Condition(wanted.field, _OPPOSITE[wanted.op], wanted.value, wanted.kind)
        return not_(_condition(inner, places, now, is_exact=True))
    place = places(wanted.field, wanted.kind)
    if isinstance(place, WordsPlace):
        return _words(place, wanted)
    if wanted.op == "empty" or (wanted.op == "eq" and wanted.value is None):
        return not_(place.within(_something(place.column, wanted)))
    compared = _compared(wanted, place.column, places, now)
    return place.within(func.coalesce(compared, false()) if is_exact else compared)


def _something(column: Column, wanted: Condition) -> Bool:
    known: Bool = column.is_not(None)
    if wanted.op == "empty" and wanted.kind is Kind.TEXT:
        return and_(known, column != "")
    return known


def _compared(wanted: Condition, column: Column, places: Places, now: datetime) -> Bool:
    value = wanted.value
    if isinstance(value, Reference):
        return _compared_with(wanted, column, places(value.field, wanted.kind), now)
    named = value if isinstance(value, tuple) else (value,)
    if wanted.kind is Kind.DAY and wanted.op in _DATED and any(map(_is_yearless, named)):
        return false()
    found = _OPS[wanted.op](_placed(column, wanted), _operand(value, wanted), now)
    return _with_years(wanted, found, column)


def _compared_with(
    wanted: Condition, column: Column, other: Place | WordsPlace, now: datetime
) -> Bool:
    """Two fields of the same record; what is said of the other stands where the other stands."""
    if isinstance(other, WordsPlace):
        raise NotImplementedError("words are not compared with words")
    found = _OPS[wanted.op](_sorted(column), _sorted(other.column), now)
    return other.within(_with_years(wanted, found, column, other.column))


def _with_years(wanted: Condition, found: Bool, *columns: Column) -> Bool:
    """A day without its year has no place among days."""
    if wanted.kind is Kind.DAY and wanted.op in _DATED:
        return and_(found, *(not_(each.startswith("--")) for each in columns))
    return found


def _placed(column: Column, wanted: Condition) -> Column:
    return _sorted(column) if wanted.op in _DATED else column


def _operand(value: Any, wanted: Condition) -> Any:
    """Spans as what they reach, in days or moments."""
    if wanted.op in SPANS and wanted.kind is Kind.DAY:
        return _Days(value)
    return value


@dataclass(frozen=True, slots=True)
class _Days:
    """A span of whole days."""

    span: Span

    def before(self, now: datetime) -> str:
        return self.span.before(now).date().isoformat()

    def after(self, now: datetime) -> str:
        return self.span.after(now).date().isoformat()

    @staticmethod
    def at(now: datetime) -> str:
        return now.date().isoformat()


def _is_yearless(value: object) -> bool:
    return isinstance(value, str) and value.startswith("--")


def _words(place: WordsPlace, wanted: Condition) -> Bool:
    if wanted.op == "empty" or wanted.value is None:
        return place.is_empty
    values = wanted.value if isinstance(wanted.value, tuple) else (wanted.value,)
    return or_(false(), *(place.has(value) for value in values))


def _sorted(column: Column) -> Column:
    """Texts are ordered by code point, on every server."""
    return column.collate("C") if isinstance(column.type, Text) else column


def like(pattern: str) -> str:
    """Return a pattern of `*` and `?` as LIKE takes it, in small letters."""
    escaped = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return escaped.replace("*", "%").replace("?", "_").lower()


def _now(span: Span | _Days, now: datetime) -> Any:
    return span.at(now) if isinstance(span, _Days) else now


def _anniversary(column: Column, span: Span, now: datetime) -> Bool:
    is_text = isinstance(column.type, Text)
    written = column if is_text else func.to_char(func.timezone("UTC", column), "YYYY-MM-DD")
    day = func.right(written, 5).collate("C")
    return or_(*((day >= first) & (day <= last) for first, last in span.anniversaries(now)))


_OPPOSITE = {"ne": "eq", "nin": "in", "not_empty": "empty"}
_OPS: Mapping[str, Callable[[Column, Any, datetime], Bool]] = {
    "eq": lambda f, v, _: f == v,
    "in": lambda f, v, _: f.in_(v),
    "lt": lambda f, v, _: f < v,
    "lte": lambda f, v, _: f <= v,
    "gt": lambda f, v, _: f > v,
    "gte": lambda f, v, _: f >= v,
    "between": lambda f, v, _: (f >= v[0]) & (f <= v[1]),
    "contains": lambda f, v, _: func.lower(f).contains(v.lower(), autoescape=True),
    "starts": lambda f, v, _: func.lower(f).startswith(v.lower(), autoescape=True),
    "ends": lambda f, v, _: func.lower(f).endswith(v.lower(), autoescape=True),
    "matches": lambda f, v, _: func.lower(f).like(like(v), escape="\\"),
    "in_last": lambda f, v, now: (f >= v.before(now)) & (f <= _now(v, now)),
    "in_next": lambda f, v, now: (f >= _now(v, now)) & (f <= v.after(now)),
    "anniversary_in_next": _anniversary,
}
