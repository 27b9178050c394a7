"""A row of a file as the body of a contact."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from crm_client.imports.columns import Column, Columns

_SEVERAL = {"google": " ::: "}
_BLANK = frozenset({"", "-", "--", "n/a", "na", "none", "null", "(no value)"})
_NO_BIRTHDAY = frozenset({"0/0/00", "0/0/0000", "00/00/0000"})
_SLASHED = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_ISO_DAY = re.compile(r"(\d{4}|-)-(\d\d)-(\d\d)(?:[T ].*)?")
_HOST = re.compile(
    r"(?:https?://)?(?:www\.)?((?:[a-z0-9-]+\.)+[a-z]{2,63})(?:[:/].*)?", re.IGNORECASE
)
_STAGES = {
    "subscriber": "subscriber", "lead": "lead", "marketingqualifiedlead": "mql", "mql": "mql",
    "salesqualifiedlead": "sql", "sql": "sql", "opportunity": "opportunity",
    "customer": "customer", "evangelist": "evangelist",
}  # fmt: skip
_YES = frozenset({"1", "true", "yes", "y", "x", "ja"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A contact to send; `company` and `domain` name the account it belongs to."""

    line: int
    cells: Sequence[str]
    body: dict[str, Any]
    company: str | None = None
    domain: str | None = None

    @property
    def emails(self) -> list[str]:
        """The addresses in the spelling they are compared in."""
        return [each["value"].strip().lower() for each in self.body.get("emails", ())]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A row that is not in the platform now, and why."""

    line: int
    cells: Sequence[str]
    reasons: list[str] = field(default_factory=list)


def row_of(line: int, cells: Sequence[str], columns: Columns, *, source: str) -> Row | Refusal:
    """Return the contact a row means, or why it means none."""
    if any(cell.strip() for cell in cells[len(columns.headers) :]):
        return Refusal(line=line, cells=cells, reasons=["more cells than the file has columns"])
    found: dict[str, Any] = {"source": source}
    for column in columns.read:
        for value in _values(cells, column, columns.system):
            _take(found, column, value, cells)
    _name(found)
    if not any(found.get(name) for name in ("first_name", "last_name", "emails", "phones")):
        reason = "no name, e-mail address or telephone number"
        return Refusal(line=line, cells=cells, reasons=[reason])
    company, domain = found.pop("company", None), found.pop("domain", None)
    return Row(line=line, cells=cells, body=found, company=company, domain=domain)


def _values(cells: Sequence[str], column: Column, system: str) -> Iterator[str]:
    text = cells[column.index].strip() if column.index < len(cells) else ""
    several = column.field in {"emails", "phones", "tags"}
    mark = _SEVERAL.get(system, ";") if several else None
    for part in text.split(mark) if mark and mark in text else [text]:
        if part.strip().casefold() not in _BLANK:
            yield part.strip()


def _take(found: dict[str, Any], column: Column, value: str, cells: Sequence[str]) -> None:
    match column.field:
        case "emails" | "phones":
            _add_point(found.setdefault(column.field, []), value, _label(column, cells))
        case "tags":
            found.setdefault("tags", []).append(value.removeprefix("* ")[:60])
        case "birthday":
            if value not in _NO_BIRTHDAY:
                found["birthday"] = birthday(value)
        case "lifecycle":
            stage = re.sub(r"[^a-z]", "", value.casefold())
            found["lifecycle"] = _STAGES.get(stage, "other")
        case "do_not_call":
            found["do_not_call"] = value.casefold() in _YES
        case "domain":
            if match := _HOST.fullmatch(value):
                found.setdefault("domain", match[1].lower())
        case name if name.startswith("custom."):
            found.setdefault("custom", {})[name.removeprefix("custom.")] = value
        case name:
            found.setdefault(name, value)


def _add_point(points: list[dict[str, Any]], value: str, label: str | None) -> None:
    if any(each["value"].casefold() == value.casefold() for each in points):
        return
    points.append({"value": value, "primary": not points, **({"label": label} if label else {})})


def _label(column: Column, cells: Sequence[str]) -> str | None:
    if column.label_index is not None and column.label_index < len(cells):
        return cells[column.label_index].strip().strip("* ").lower()[:60] or None
    return column.label


def _name(found: dict[str, Any]) -> None:
    """A full name counts where the file has no parts of it; a middle name goes with the first."""
    full, middle = found.pop("name", None), found.pop("middle_name", None)
    if full and not (found.get("first_name") or found.get("last_name")):
        first, _, last = full.rpartition(" ")
        if "," in full:
            last, _, first = (part.strip() for part in full.partition(","))
        found |= {"first_name": first.strip() or None, "last_name": last.strip() or None}
    if middle and found.get("first_name"):
        found["first_name"] = f"{found['first_name']} {middle}"


def birthday(text: str) -> str:
    """Return YYYY-MM-DD or --MM-DD; what cannot be read is left to the platform to refuse."""
    if match := _ISO_DAY.fullmatch(text):
        return f"{match[1]}-{match[2]}-{match[3]}"
    if match := _SLASHED.fullmatch(text):
        first, second, year = (int(part) for part in match.groups())
        is_day_first = first > 12 or "." in text
        day, month = (first, second) if is_day_first else (second, first)
        try:
            return date(year, month, day).isoformat()
        except ValueError:
            return text
    return text
