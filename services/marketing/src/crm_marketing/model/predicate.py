"""The predicate language: {all|any|not: [...]} or {field, op, value}, parsed and checked.

A comparison with null is false, `ne` and `nin` with null are true; so every predicate is true or
false of every contact, and `not` is its plain opposite. `not: [a, b]` holds when none of them does.
Texts are compared exactly, except by contains, starts, ends and matches (`*` and `?`), which do not
mind capitals. in_last and in_next take {"days": n}, {"months": n}, …
"""

from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, NoReturn
from uuid import UUID

from crm_marketing.model.errors import InvalidPredicate

DEEPEST, MOST_CONDITIONS, MOST_VALUES, LONGEST = 10, 100, 1000, 500


class Kind(StrEnum):
    TEXT = "text"
    ID = "id"
    FLAG = "flag"
    MOMENT = "moment"
    NUMBER = "number"
    WORDS = "words"


FIELDS: Mapping[str, Kind] = {
    "name": Kind.TEXT,
    "first_name": Kind.TEXT,
    "last_name": Kind.TEXT,
    "email": Kind.TEXT,
    "deliverability": Kind.TEXT,
    "lifecycle": Kind.TEXT,
    "language": Kind.TEXT,
    "job_title": Kind.TEXT,
    "source": Kind.TEXT,
    "owner_id": Kind.ID,
    "account_id": Kind.ID,
    "opted_out": Kind.FLAG,
    "archived": Kind.FLAG,
    "has_open_deal": Kind.FLAG,
    "created_at": Kind.MOMENT,
    "won_deals": Kind.NUMBER,
    "open_tickets": Kind.NUMBER,
    "tags": Kind.WORDS,
}
_EQUAL = frozenset({"eq", "ne"})
_AMONG = frozenset({"in", "nin"})
_ORDER = frozenset({"lt", "lte", "gt", "gte"})
_PARTS = frozenset({"contains", "starts", "ends", "matches"})
_NONE = frozenset({"empty", "not_empty"})
_SPANS = frozenset({"in_last", "in_next"})
_RANGE = frozenset({"between"})
OPS: Mapping[Kind, frozenset[str]] = {
    Kind.TEXT: _EQUAL | _AMONG | _ORDER | _RANGE | _PARTS | _NONE,
    Kind.ID: _EQUAL | _AMONG | _NONE,
    Kind.FLAG: _EQUAL | _NONE,
    Kind.MOMENT: _EQUAL | _ORDER | _RANGE | _SPANS | _NONE,
    Kind.NUMBER: _EQUAL | _AMONG | _ORDER | _RANGE | _NONE,
    Kind.WORDS: _EQUAL | _AMONG | _NONE | {"contains"},
}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of calendar time: months first, then the rest."""

    months: int = 0
    days: int = 0
    hours: int = 0

    def before(self, now: datetime) -> datetime:
        """31 August - 6 months = 28 or 29 February."""
        return _months_off(now, -self.months) - timedelta(days=self.days, hours=self.hours)

    def after(self, now: datetime) -> datetime:
        return _months_off(now, self.months) + timedelta(days=self.days, hours=self.hours)


@dataclass(frozen=True, slots=True)
class Condition:
    """A field compared with a value of the field's kind (several for in, nin, between)."""

    field: str
    op: str
    value: Any = None

    @property
    def kind(self) -> Kind:
        return FIELDS[self.field]


@dataclass(frozen=True, slots=True)
class All:
    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Any_:  # noqa: N801 - Any is taken by typing
    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """None of the parts holds."""

    parts: "tuple[Node, ...]"


Node = All | Any_ | Not | Condition
_GROUPS: Mapping[str, Callable[[tuple[Node, ...]], Node]] = {"all": All, "any": Any_, "not": Not}


def parse(given: object) -> Node:
    """Return the tree a JSON predicate means. Raises InvalidPredicate."""
    node = _node(given, "predicate")
    if sum(1 for _ in conditions(node)) > MOST_CONDITIONS:
        _refuse("predicate", f"at most {MOST_CONDITIONS} conditions")
    return node


def conditions(node: Node) -> Iterator[Condition]:
    """Every condition of a tree."""
    if isinstance(node, Condition):
        yield node
        return
    for part in node.parts:
        yield from conditions(part)


def _node(given: object, path: str) -> Node:
    if path.count(".") > DEEPEST:
        _refuse(path, f"at most {DEEPEST} levels")
    if not isinstance(given, dict):
        _refuse(path, "an object: {all|any|not: [...]} or {field, op, value}")
    group = next((name for name in _GROUPS if name in given), None)
    if group is None:
        return _condition(given, path)
    if len(given) > 1:
        _refuse(path, f"nothing beside {group}")
    parts = given[group]
    if group == "not" and isinstance(parts, dict):
        parts = [parts]
    if not isinstance(parts, list) or len(parts) > MOST_CONDITIONS:
        _refuse(path, f"{group} takes a list of at most {MOST_CONDITIONS}")
    read = tuple(_node(part, f"{path}.{index}") for index, part in enumerate(parts))
    return _GROUPS[group](read)


def _condition(given: Mapping[str, Any], path: str) -> Condition:
    field, op = given.get("field"), given.get("op")
    if given.keys() - {"field", "op", "value"}:
        _refuse(path, "field, op and value only")
    if not isinstance(field, str) or field not in FIELDS:
        _refuse(path, f"field is one of {', '.join(sorted(FIELDS))}")
    kind = FIELDS[field]
    if not isinstance(op, str) or op not in OPS[kind]:
        _refuse(path, f"op of {field} is one of {', '.join(sorted(OPS[kind]))}")
    if op in _NONE:
        if given.get("value") is not None:
            _refuse(path, f"{op} takes no value")
        return Condition(field, op)
    return Condition(field, op, _operand(kind, op, given.get("value"), path))


def _operand(kind: Kind, op: str, value: object, path: str) -> Any:
    if op in _SPANS:
        return _span(value, path)
    if op in _AMONG or op in _RANGE:
        if not isinstance(value, list) or not 1 <= len(value) <= MOST_VALUES:
            _refuse(path, f"{op} takes a list of 1 to {MOST_VALUES} values")
        if op in _RANGE and len(value) != 2:
            _refuse(path, "between takes [lowest, highest]")
        return tuple(_value(kind, one, path) for one in value)
    if value is None and op in _EQUAL:
        return None
    return _value(kind, value, path)


def _value(kind: Kind, value: object, path: str) -> Any:
    try:
        read = _READERS[kind](value)
    except (ValueError, TypeError, InvalidOperation, OverflowError):
        read = None
    if read is None:
        _refuse(path, f"not a value of the kind {kind}")
    return read


def _text(value: object) -> str | None:
    is_text = isinstance(value, str) and len(value) <= LONGEST and "\x00" not in value
    return value if isinstance(value, str) and is_text else None


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    number = Decimal(str(value))
    return number if number.is_finite() and abs(number) < Decimal("1e15") else None


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    moment = datetime.fromisoformat(value)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC) if 1900 <= aware.year < 2200 else None


_READERS: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: _text,
    Kind.WORDS: _text,
    Kind.ID: lambda value: UUID(value) if isinstance(value, str) else None,
    Kind.FLAG: lambda value: value if isinstance(value, bool) else None,
    Kind.NUMBER: _number,
    Kind.MOMENT: _moment,
}
_UNITS = {"years": 12, "months": 1, "weeks": 7, "days": 1, "hours": 1}


def _span(value: object, path: str) -> Span:
    is_span = (
        isinstance(value, dict)
        and value.keys() <= _UNITS.keys()
        and all(isinstance(n, int) and 0 <= n <= 1200 for n in value.values())
        and any(value.values())
    )
    if not isinstance(value, dict) or not is_span:
        _refuse(path, 'takes a span like {"days": 30} or {"months": 6}')
    return Span(
        months=value.get("years", 0) * 12 + value.get("months", 0),
        days=value.get("weeks", 0) * 7 + value.get("days", 0),
        hours=value.get("hours", 0),
    )


def _months_off(moment: datetime, months: int) -> datetime:
    count = moment.year * 12 + moment.month - 1 + months
    year, month = min(max(count // 12, 1), 9998), count % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


def _refuse(path: str, reason: str) -> NoReturn:
    raise InvalidPredicate(errors={path: [reason]})
