"""A row of a table as the body of a contact."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from crm_interchange import days
from crm_interchange.columns import Column, Columns
from crm_interchange.days import DayOrder
from crm_interchange.people import Draft, Nobody, add_point, draft_of, split_name
from crm_interchange.tables import unguarded

_SEVERAL = {"google": " ::: "}
_LISTED = frozenset({"emails", "phones", "tags"})
_BLANK = frozenset({"", "-", "--", "n/a", "na", "none", "null", "(no value)"})
_HOST = re.compile(
    r"(?:https?://)?(?:www\.)?((?:[a-z0-9-]+\.)+[a-z]{2,63})(?:[:/].*)?", re.IGNORECASE
)
_STAGES = {
    "subscriber": "subscriber", "lead": "lead", "marketingqualifiedlead": "mql", "mql": "mql",
    "salesqualifiedlead": "sql", "sql": "sql", "opportunity": "opportunity",
    "customer": "customer", "evangelist": "evangelist",
}  # fmt: skip
_YES = frozenset({"1", "true", "yes", "y", "x", "ja"})
_NOT_LETTER = re.compile(r"[^a-z]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a file's rows are read: its columns, the order of its dates, the year it is now."""

    columns: Columns
    days: DayOrder
    this_year: int


def row_of(cells: Sequence[str], reading: Reading) -> Draft:
    """Return the contact a row means. Raises Nobody with the reason when it means none."""
    columns = reading.columns
    if any(cell.strip() for cell in cells[len(columns.headers) :]):
        raise Nobody("more cells than the file has columns")
    found: dict[str, Any] = {}
    for column in columns.read:
        text = cells[column.index].strip() if column.index < len(cells) else ""
        for value in _values(text, column.field, columns.system):
            _take(found, column, value, cells, reading)
    if (name := found.pop("name", None)) and not (
        found.get("first_name") or found.get("last_name")
    ):
        found |= split_name(name)
    if (middle := found.pop("middle_name", None)) and found.get("first_name"):
        found["first_name"] = f"{found['first_name']} {middle}"
    return draft_of(found)


def _values(text: str, field: str, system: str) -> Iterator[str]:
    if not text:
        return
    mark = _SEVERAL.get(system, ";") if field in _LISTED else None
    for part in text.split(mark) if mark and mark in text else (text,):
        value = unguarded(part.strip())
        if value.casefold() not in _BLANK:
            yield value


def _take(
    found: dict[str, Any], column: Column, value: str, cells: Sequence[str], reading: Reading
) -> None:
    match column.field:
        case "emails" | "phones":
            add_point(found.setdefault(column.field, []), value, _label(column, cells))
        case "tags":
            found.setdefault("tags", []).append(value.removeprefix("* ")[:60])
        case "birthday":
            day = days.birthday(value, reading.days, this_year=reading.this_year)
            found |= {"birthday": day} if day else {}
        case "lifecycle":
            stage = _NOT_LETTER.sub("", value.casefold())
            found["lifecycle"] = _STAGES.get(stage, "other")
        case "do_not_call":
            found["do_not_call"] = value.casefold() in _YES
        case "domain":
            if match := _HOST.fullmatch(value):
                found.setdefault("domain", match[1].lower())
        case name:
            _take_plain(found, name, value)


def _take_plain(found: dict[str, Any], name: str, value: str) -> None:
    if name.startswith("custom."):
        found.setdefault("custom", {})[name.removeprefix("custom.")] = value
    elif name.startswith("address."):
        _, label, part = name.split(".")
        found.setdefault("places", {}).setdefault(label, {}).setdefault(part, value)
    else:
        found.setdefault(name, value)


def _label(column: Column, cells: Sequence[str]) -> str | None:
    if column.label_index is not None and column.label_index < len(cells):
        return cells[column.label_index].strip().strip("* ").lower()[:60] or None
    return column.label
