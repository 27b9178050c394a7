"""Contacts as rows of a table, or as cards, in a way that reading them again means the same."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_interchange.headers import CUSTOM
from crm_interchange.tables import guarded

_MOST_POINTS, _MOST_PLACES = 4, 2
_PARTS = ("street", "city", "region", "postcode", "country")
_PLAIN = (
    ("Rapport ID", "id"), ("First Name", "first_name"), ("Last Name", "last_name"),
    ("Company", "company"), ("Job Title", "job_title"), ("Department", "department"),
    ("Birthday", "birthday"), ("Lifecycle Stage", "lifecycle"), ("Preferred language", "language"),
    ("Time zone", "time_zone"), ("Rapport source", "source"),
)  # fmt: skip
_FOLDED = 72
_CARD_TYPES = {"mobile": "CELL", "work": "WORK", "home": "HOME", "fax": "FAX"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A contact as it is published, with the name of the account it mainly belongs to."""

    record: Mapping[str, Any]
    company: str | None = None


def header(custom: Sequence[str] = ()) -> str:
    """Return the first line of a table; `custom` are the deployment's own fields."""
    names = [name for name, _ in _PLAIN]
    names += ["Rapport tags", "Do not call"]
    for kind in ("E-mail", "Phone"):
        names += [
            f"{kind} {number} - {part}"
            for number in range(1, _MOST_POINTS + 1)
            for part in ("Label", "Value")
        ]
    names += [
        f"Address {number} - {part}"
        for number in range(1, _MOST_PLACES + 1)
        for part in ("Street", "City", "Region", "Postal Code", "Country")
    ]
    return _line([*names, *(f"{CUSTOM}{key}" for key in custom)])


def row(person: Person, custom: Sequence[str] = ()) -> str:
    """Return a line of the table, its cells safe for spreadsheets."""
    record = person.record
    known = {**record, "company": person.company}
    cells = [_text(known.get(field)) for _, field in _PLAIN]
    cells += [";".join(record["tags"]), "yes" if record["do_not_call"] else ""]
    cells += [*_points(record["emails"]), *_points(record["phones"])]
    places = [*record["addresses"][:_MOST_PLACES], *({} for _ in range(_MOST_PLACES))]
    cells += [_text(place.get(part)) for place in places[:_MOST_PLACES] for part in _PARTS]
    cells += [_text(record["custom"].get(key)) for key in custom]
    return _line(map(guarded, cells))


def _points(points: Sequence[Mapping[str, Any]]) -> list[str]:
    """The primary first; those too many for columns of their own stand with the last."""
    ordered = sorted(points, key=lambda each: not each["primary"])
    shown, rest = ordered[:_MOST_POINTS], ordered[_MOST_POINTS:]
    cells = [cell for each in shown for cell in (_text(each["label"]), each["value"])]
    if rest:
        cells[-1] = ";".join([cells[-1], *(each["value"] for each in rest)])
    return cells + [""] * (2 * _MOST_POINTS - len(cells))


def _text(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(list(cells))
    return text.getvalue()


def card(person: Person) -> str:
    """Return a contact as vCard 3.0, which every address book reads."""
    record = person.record
    surname, given = record["last_name"] or "", record["first_name"] or ""
    lines = [
        "BEGIN:VCARD", "VERSION:3.0", "PRODID:-//Rapport//CRM//EN", f"UID:{record['id']}",
        f"N:{_escaped(surname)};{_escaped(given)};;;", f"FN:{_escaped(record['name'])}",
    ]  # fmt: skip
    if person.company:
        lines.append(f"ORG:{_escaped(person.company)};{_escaped(record['department'] or '')}")
    if record["job_title"]:
        lines.append(f"TITLE:{_escaped(record['job_title'])}")
    lines += [f"EMAIL;{_types('INTERNET', each)}:{each['value']}" for each in record["emails"]]
    lines += [f"TEL;{_types('VOICE', each)}:{each['value']}" for each in record["phones"]]
    lines += [_place(each) for each in record["addresses"]]
    if record["birthday"]:
        lines.append(f"BDAY:{record['birthday']}")
    if record["tags"]:
        lines.append("CATEGORIES:" + ",".join(map(_escaped, record["tags"])))
    return "".join(_folded(line) + "\r\n" for line in [*lines, "END:VCARD"])


def _types(usual: str, point: Mapping[str, Any]) -> str:
    label = point["label"]
    types = [usual, *([_CARD_TYPES.get(label) or _word(label)] if label else [])]
    types += ["PREF"] if point["primary"] else []
    return ";".join(f"TYPE={each}" for each in types if each)


def _word(label: str) -> str:
    return "X-" + "".join(each if each.isalnum() and each.isascii() else "-" for each in label)


def _place(place: Mapping[str, Any]) -> str:
    label = place.get("label")
    types = f";TYPE={_CARD_TYPES.get(label) or _word(label)}" if label else ""
    return f"ADR{types}:;;" + ";".join(_escaped(place.get(part) or "") for part in _PARTS)


def _escaped(text: str) -> str:
    for plain, written in (("\\", "\\\\"), ("\n", "\\n"), (";", "\\;"), (",", "\\,")):
        text = text.replace(plain, written)
    return text.replace("\r", "")


def _folded(line: str) -> str:
    """Fold by letters, each piece short enough for 75 bytes whatever the letters are."""
    if len(line.encode()) <= _FOLDED:
        return line
    pieces, piece, size = [], "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > _FOLDED:
            pieces.append(piece)
            piece, size = "", 1
        piece, size = piece + letter, size + width
    return "\r\n ".join([*pieces, piece])
