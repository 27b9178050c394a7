"""Dates as people write them; which of day and month comes first is decided per file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

_ISO = re.compile(r"(\d{4}|-)[-/.]?(\d\d)[-/.]?(\d\d)(?:[T ].*)?")
_PARTED = re.compile(r"(\d{1,2})([/. -])(\d{1,2})\2(\d{4}|\d{2})(?:[T ].*)?")
_NAMED = re.compile(r"(?:(\d{1,2})\.? ([^\W\d]{3,})\.?|([^\W\d]{3,})\.? (\d{1,2})),? (\d{4})")
_MONTHS = (
    ("jan",), ("feb", "fév", "fev"), ("mar", "mär", "maa"), ("apr", "avr"), ("may", "mai", "mei"),
    ("jun", "juin"), ("jul", "juil"), ("aug", "aoû"), ("sep",), ("oct", "okt"), ("nov",),
    ("dec", "dez", "déc"),
)  # fmt: skip
_NONE = frozenset({"0/0/00", "0/0/0000", "00/00/0000", "00.00.0000", "0000-00-00"})
_MOST_MONTHS = 12
_OMITTED_YEAR = "1604"  # what address books of one maker write for a birthday without a year


class DayOrder(StrEnum):
    """Which comes first where digits alone do not tell."""

    DAY_FIRST = "day-month-year"
    MONTH_FIRST = "month-day-year"


@dataclass(slots=True, kw_only=True)
class Evidence:
    """What the dates of a file say about their order; `unclear` would read either way."""

    day_first: int = 0
    month_first: int = 0
    unclear: int = 0
    dotted: int = 0

    def note(self, text: str) -> None:
        """Take one date into account."""
        match = _PARTED.fullmatch(text.strip())
        if match is None or text.strip() in _NONE:
            return
        first, second = int(match[1]), int(match[3])
        if first > _MOST_MONTHS >= second:
            self.day_first += 1
        elif second > _MOST_MONTHS >= first:
            self.month_first += 1
        else:
            self.unclear += 1
            self.dotted += match[2] == "."

    def decide(self, usual: DayOrder) -> "Decision":
        """Return the order and why; `usual` is the order of whoever wrote the file."""
        told = {"day_first": self.day_first, "month_first": self.month_first}
        counts = {**told, "unclear": self.unclear}
        if self.day_first != self.month_first:
            is_day_first = self.day_first > self.month_first
            order = DayOrder.DAY_FIRST if is_day_first else DayOrder.MONTH_FIRST
            return Decision(order=order, because="dates that read only one way", counts=counts)
        if self.dotted * 2 > self.unclear:
            return Decision(order=DayOrder.DAY_FIRST, because="points as separators", counts=counts)
        why = "what this system usually writes" if self.unclear else "no date is unclear"
        return Decision(order=usual, because=why, counts=counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The order for a whole file, why, and how many dates said what."""

    order: DayOrder
    because: str
    counts: Mapping[str, int] = field(default_factory=dict)


def birthday(text: str, order: DayOrder, *, this_year: int) -> str | None:
    """Return YYYY-MM-DD or --MM-DD, None for a blank; what cannot be read comes back as it is."""
    bare = text.strip()
    if not bare or bare in _NONE:
        return None
    if match := _ISO.fullmatch(bare):
        year = "-" if match[1] in {"-", _OMITTED_YEAR} else match[1]
        return f"{year}-{match[2]}-{match[3]}"
    if match := _PARTED.fullmatch(bare):
        first, second = int(match[1]), int(match[3])
        is_day_first = first > _MOST_MONTHS or (
            second <= _MOST_MONTHS and order is DayOrder.DAY_FIRST
        )
        day, month = (first, second) if is_day_first else (second, first)
        return _iso(_full(match[4], this_year), month, day) or bare
    if match := _NAMED.fullmatch(bare):
        day_text, name = match[1] or match[4], (match[2] or match[3]).casefold()
        return _iso(int(match[5]), _month(name), int(day_text)) or bare
    return bare


def _full(year: str, this_year: int) -> int:
    """A birthday of two digits lies in the past, less than a hundred years ago."""
    if len(year) > 2:
        return int(year)
    century = this_year - this_year % 100
    return century + int(year) - (100 if century + int(year) > this_year else 0)


def _month(name: str) -> int:
    for number, starts in enumerate(_MONTHS, 1):
        if name.startswith(starts):
            return number
    return 0


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
