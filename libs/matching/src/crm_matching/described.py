"""Rows of a table as people: every cell in the spelling it is compared in."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from crm_matching.columns import Field
from crm_matching.names import spoken
from crm_matching.reach import digits, strong_email
from crm_matching.text import fold

Row: TypeAlias = Mapping[str, str]  # column name -> folded value; absent when empty
_ISO = re.compile(r"(\d{4})[-/.](\d\d?)[-/.](\d\d?)")
_EUROPEAN = re.compile(r"(\d\d?)[-/.](\d\d?)[-/.](\d{4})")
_HOUSE = re.compile(r"(?:(?:unit|flat|apt|no)\s+)?(\d+\w?)\s+(.*\D.*)")
_POSTCODE = re.compile(r"(.*\D)\s+(\d{4,6})")
_MOST_MISSING_ID = frozenset({"", "na", "nan", "none", "null", "unknown", "n a"})


def describe(fields: Sequence[Field], headers: Sequence[str], cells: Sequence[str]) -> Row:
    """Return one row by field; columns of no known field keep their header as `other:<header>`."""
    found: dict[str, str] = {}
    for field, header, cell in zip(fields, headers, cells, strict=False):
        value = _READ.get(field, fold)(cell.strip())
        if field is not Field.ID and value and value not in _MOST_MISSING_ID:
            found[f"other:{header}" if field is Field.OTHER else field.value] = value
    _split_name(found)
    _split_street(found)
    return found


def date_digits(text: str) -> str:
    """Return a date as `YYYYMMDD` where its shape tells the order, else its digits."""
    if match := _ISO.match(text):
        year, month, day = match.groups()
        return f"{year}{month:0>2}{day:0>2}"
    if match := _EUROPEAN.match(text):
        first, second, year = match.groups()
        return f"{year}{second:0>2}{first:0>2}"
    return digits(text)


def _split_name(found: dict[str, str]) -> None:
    whole = found.pop(Field.NAME, "")
    if not whole:
        return
    words = whole.split()
    if Field.SURNAME in found:
        found.setdefault(Field.GIVEN, whole)
    elif Field.GIVEN in found or len(words) == 1:
        found[Field.SURNAME] = words[-1]
    else:
        found[Field.GIVEN], found[Field.SURNAME] = " ".join(words[:-1]), words[-1]


def _split_street(found: dict[str, str]) -> None:
    street = found.get(Field.STREET, "")
    if Field.POSTCODE not in found and (match := _POSTCODE.fullmatch(street)):
        street, found[Field.POSTCODE] = match[1].strip(), match[2]
    if Field.NUMBER not in found and (match := _HOUSE.fullmatch(street)):
        found[Field.NUMBER], street = match[1], match[2]
    if street:
        found[Field.STREET] = street


def _name(text: str) -> str:
    last, comma, first = text.partition(",")
    return spoken(f"{first} {last}" if comma else text)


def _code(text: str) -> str:
    """Post codes and numbers; a spreadsheet may have made `10115.0` of one."""
    return fold(text.removesuffix(".0")).replace(" ", "")


_READ: dict[Field, Callable[[str], str]] = {
    Field.NAME: _name,
    Field.GIVEN: spoken,
    Field.MIDDLE: spoken,
    Field.SURNAME: spoken,
    Field.BIRTH: date_digits,
    Field.POSTCODE: _code,
    Field.NUMBER: _code,
    Field.EMAIL: strong_email,
    Field.PHONE: digits,
}
