"""What kinds of values conditions compare, by which operations, and how the values are read."""

from calendar import isleap, monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any
from uuid import UUID

LONGEST_TEXT = 500
_EARLIEST, _BEYOND = 1900, 2200
_LARGEST = Decimal("1e15")
_LEAP_YEAR = 2000
_MONTHS_MOST = 1200


class Kind(StrEnum):
    """What a field's values are like. A day is a date, or `--MM-DD` where the year is unknown."""

    TEXT = "text"
    ID = "id"
    FLAG = "flag"
    MOMENT = "moment"
    DAY = "day"
    NUMBER = "number"
    WORDS = "words"
    EVENTS = "events"


EQUAL = frozenset({"eq", "ne"})
AMONG = frozenset({"in", "nin"})
ORDER = frozenset({"lt", "lte", "gt", "gte"})
PARTS = frozenset({"contains", "starts", "ends", "matches"})
NOTHING = frozenset({"empty", "not_empty"})
SPANS = frozenset({"in_last", "in_next"})
ANNIVERSARY = frozenset({"anniversary_in_next"})
RANGE = frozenset({"between"})
PAST = frozenset({"changed", "changed_to"})
OPS: Mapping[Kind, frozenset[str]] = {
    Kind.TEXT: EQUAL | AMONG | ORDER | RANGE | PARTS | NOTHING,
    Kind.ID: EQUAL | AMONG | NOTHING,
    Kind.FLAG: EQUAL | NOTHING,
    Kind.MOMENT: EQUAL | ORDER | RANGE | SPANS | ANNIVERSARY | NOTHING,
    Kind.DAY: EQUAL | AMONG | ORDER | RANGE | SPANS | ANNIVERSARY | NOTHING,
    Kind.NUMBER: EQUAL | AMONG | ORDER | RANGE | NOTHING,
    Kind.WORDS: EQUAL | AMONG | NOTHING | {"contains"},
    Kind.EVENTS: frozenset({"event_count"}),
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
        """31 January + 1 month = 28 or 29 February."""
        return _months_off(now, self.months) + timedelta(days=self.days, hours=self.hours)

    def anniversaries(self, now: datetime) -> list[tuple[str, str]]:
        """Ranges of `MM-DD`, both ends in them, of the days from `now` to the span's end.

        29 February falls on 1 March in years without it.
        """
        first, last = now.date(), self.after(now).date()
        if (last - first).days >= 365:
            return [("01-01", "12-31")]
        start, end = first.isoformat()[5:], last.isoformat()[5:]
        if start == "03-01" and not isleap(first.year):
            start = "02-29"
        return [(start, end)] if start <= end else [(start, "12-31"), ("01-01", end)]


def value_of(kind: Kind, given: object) -> Any:
    """Return a value as conditions compare it. Raises ValueError for what is none of the kind."""
    try:
        read = _READERS[kind](given)
    except (TypeError, InvalidOperation, OverflowError) as error:
        raise ValueError(kind) from error
    if read is None:
        raise ValueError(kind)
    return read


def span_of(given: object) -> Span:
    """Return a span of `{"days": 30}` or `{"years": 1, "months": 6}`. Raises ValueError."""
    if not isinstance(given, dict) or not given.keys() <= _UNITS or not any(given.values()):
        raise ValueError("span")
    if not all(type(n) is int and 0 <= n <= _MONTHS_MOST for n in given.values()):
        raise ValueError("span")
    return Span(
        months=given.get("years", 0) * 12 + given.get("months", 0),
        days=given.get("weeks", 0) * 7 + given.get("days", 0),
        hours=given.get("hours", 0),
    )


def day_of(given: object) -> str | None:
    """Return a date, or one without the year, as it is written; None for anything else."""
    if isinstance(given, date):
        return given.isoformat()[:10]
    if not isinstance(given, str):
        return None
    if given.startswith("--"):
        date(_LEAP_YEAR, int(given[2:4]), int(given[5:]))
        return given if len(given) == len("--MM-DD") and given[4] == "-" else None
    read = date.fromisoformat(given)
    return given if _EARLIEST <= read.year < _BEYOND and given == read.isoformat() else None


def _text(given: object) -> str | None:
    is_text = isinstance(given, str) and len(given) <= LONGEST_TEXT and "\x00" not in given
    return given if isinstance(given, str) and is_text else None


def _number(given: object) -> Decimal | None:
    if isinstance(given, bool) or not isinstance(given, int | float | str | Decimal):
        return None
    number = Decimal(str(given))
    return number if number.is_finite() and abs(number) < _LARGEST else None


def _moment(given: object) -> datetime | None:
    moment = given if isinstance(given, datetime) else None
    if isinstance(given, str):
        moment = datetime.fromisoformat(given)
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC) if _EARLIEST <= aware.year < _BEYOND else None


def _id(given: object) -> UUID | None:
    return UUID(given) if isinstance(given, str) else given if isinstance(given, UUID) else None


def _months_off(moment: datetime, months: int) -> datetime:
    count = moment.year * 12 + moment.month - 1 + months
    year, month = min(max(count // 12, 1), 9998), count % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


_UNITS = frozenset({"years", "months", "weeks", "days", "hours"})
_READERS: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: _text,
    Kind.WORDS: _text,
    Kind.ID: _id,
    Kind.FLAG: lambda given: given if isinstance(given, bool) else None,
    Kind.NUMBER: _number,
    Kind.MOMENT: _moment,
    Kind.DAY: day_of,
    Kind.EVENTS: lambda _: None,
}
