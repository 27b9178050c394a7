"""How alike two values of a column are, as one of five levels."""

from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from functools import lru_cache
from itertools import permutations
from typing import NamedTuple

from crm_matching.columns import Field
from crm_matching.described import Row
from crm_matching.names import are_short_forms
from crm_matching.text import edits, likeness

_DATE_LENGTH = 8
# Columns whose values people write into one another's place.
SWAPPED = ((Field.GIVEN, Field.SURNAME), (Field.STREET, Field.STREET_2))


class Level(IntEnum):
    """How alike; `UNKNOWN` when either value is missing."""

    UNKNOWN = 0
    SAME = 1
    CLOSE = 2
    ALIKE = 3
    DIFFERENT = 4


class Found(NamedTuple):
    """A level, and the column of the second row that it was compared with."""

    level: Level
    against: str


_WORTH = {
    Level.UNKNOWN: 0,
    Level.SAME: 3,
    Level.CLOSE: 2,
    Level.ALIKE: 1,
    Level.DIFFERENT: -1,
}


def compare(one: Row, other: Row, columns: Sequence[str]) -> dict[str, Found]:
    """Compare column by column, swapped ones in the order that fits better.

    A pair of columns that may be swapped adds `<first>~<second>`: SAME when in place, ALIKE when
    they were swapped, so that a swap has a weight of its own.
    """
    found = {name: Found(level(name, one, other, name), name) for name in columns}
    for first, second in SWAPPED:
        if first not in columns or second not in columns:
            continue
        crossed = (
            Found(level(first, one, other, second), second),
            Found(level(second, one, other, first), first),
        )
        straight = (found[first], found[second])
        is_swapped = _worth(crossed) > _worth(straight) + 1
        if is_swapped:
            found[first], found[second] = crossed
        found[f"{first}~{second}"] = Found(_order(found[first], is_swapped=is_swapped), "")
    return found


def marks(columns: Sequence[str]) -> list[str]:
    """Return every name that `compare` gives a level to."""
    pairs = [f"{a}~{b}" for a, b in SWAPPED if a in columns and b in columns]
    return [*columns, *pairs]


def level(column: str, one: Row, other: Row, against: str) -> Level:
    """Compare a value of one row with a value of the other."""
    mine, theirs = one.get(column, ""), other.get(against, "")
    if not (mine and theirs):
        return Level.UNKNOWN
    if mine == theirs:
        return Level.SAME
    return _RULES.get(column, _text)(*sorted((mine, theirs)))


def _worth(pair: tuple[Found, Found]) -> int:
    return sum(_WORTH[each.level] for each in pair)


def _order(found: Found, *, is_swapped: bool) -> Level:
    if is_swapped:
        return Level.ALIKE
    return Level.UNKNOWN if found.level is Level.UNKNOWN else Level.SAME


@lru_cache(maxsize=1 << 18)
def _text(one: str, other: str) -> Level:
    """Names and places: spaces do not count, a typing error or two in longer words is close."""
    one, other = one.replace(" ", ""), other.replace(" ", "")
    if one == other:
        return Level.CLOSE
    longest = max(len(one), len(other))
    wrong = edits(one, other)
    allowed = (longest > 3) + (longest > 6) + (longest > 13)
    if wrong <= allowed:
        return Level.CLOSE
    if likeness(one, other) >= 0.88 or wrong <= longest / 3 or _is_part(one, other):
        return Level.ALIKE
    return Level.DIFFERENT


@lru_cache(maxsize=1 << 18)
def _name(one: str, other: str) -> Level:
    found = _text(one, other)
    if found is not Level.CLOSE and are_short_forms(one, other):
        return Level.CLOSE
    if found is Level.DIFFERENT and _is_initial(one, other):
        return Level.ALIKE
    return found


@lru_cache(maxsize=1 << 18)
def _date(one: str, other: str) -> Level:
    if edits(one, other, most=2) <= 1:
        return Level.CLOSE
    if len(one) != _DATE_LENGTH or len(other) != _DATE_LENGTH:
        return Level.DIFFERENT
    shared = sum(mine == theirs for mine, theirs in zip(_parts(one), _parts(other), strict=True))
    if shared == 2 or any(tuple(p) == _parts(other) for p in _swaps(one)):
        return Level.ALIKE
    return Level.DIFFERENT


def _parts(date: str) -> tuple[str, str, str]:
    return date[:4], date[4:6], date[6:]


def _swaps(date: str) -> Iterator[tuple[str, ...]]:
    year, month, day = _parts(date)
    yield from ((year, *each) for each in permutations((month, day)))


@lru_cache(maxsize=1 << 16)
def _code(one: str, other: str) -> Level:
    """Post codes and numbers: one wrong or swapped digit is close, the same digits alike."""
    if edits(one, other, most=2) <= 1 and max(len(one), len(other)) > 1:
        return Level.CLOSE
    return Level.ALIKE if sorted(one) == sorted(other) else Level.DIFFERENT


@lru_cache(maxsize=1 << 16)
def _phone(one: str, other: str) -> Level:
    if one[-9:] == other[-9:] or edits(one, other, most=2) <= 1:
        return Level.CLOSE
    return Level.ALIKE if one[-6:] == other[-6:] else Level.DIFFERENT


def _word(one: str, other: str) -> Level:
    """Short codes of a region: what is not the same is another."""
    return Level.CLOSE if edits(one, other) <= (len(one) > 5) else Level.DIFFERENT


def _is_part(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= 5 and (long.startswith(short) or long.endswith(short))


def _is_initial(one: str, other: str) -> bool:
    return min(len(one), len(other)) == 1 and one[0] == other[0]


_RULES: dict[str, Callable[[str, str], Level]] = {
    Field.GIVEN: _name,
    Field.MIDDLE: _name,
    Field.SURNAME: _name,
    Field.BIRTH: _date,
    Field.NUMBER: _code,
    Field.POSTCODE: _code,
    Field.PHONE: _phone,
    Field.REGION: _word,
}
