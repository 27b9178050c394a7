"""What the columns of somebody else's table of people mean, by their headers and contents."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from crm_matching.text import fold

_WORD_STARTS = re.compile(r"(?<=[a-z])(?=[A-Z0-9])")
_DATE = re.compile(r"(\d{8}|\d{4}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.]\d{4})")
_SAMPLE = 200


class Field(StrEnum):
    """What a column may hold; `OTHER` columns are compared as text."""

    ID = "id"
    NAME = "name"
    GIVEN = "given"
    MIDDLE = "middle"
    SURNAME = "surname"
    BIRTH = "birth"
    NUMBER = "number"
    STREET = "street"
    STREET_2 = "street_2"
    CITY = "city"
    POSTCODE = "postcode"
    REGION = "region"
    EMAIL = "email"
    PHONE = "phone"
    COMPANY = "company"
    OTHER = "other"


# Tried in order: the first whose words all stand in the header. `~` before a word forbids it.
_RULES: tuple[tuple[Field, str], ...] = (
    (Field.GIVEN, "given|first name|firstname|fname|forename|christian|vorname|prenom|nombre|first"),
    (Field.MIDDLE, "middle|second name|middlename"),
    (Field.SURNAME, "surname|last name|lastname|lname|family|nachname|nom|apellido|sname|last"),
    (Field.BIRTH, "birth|dob|birthdate|birthday|born|geburtsdatum|geburtstag|naissance|bday"),
    (Field.EMAIL, "email|e mail|mail"),
    (Field.PHONE, "phone|telephone|mobile|cell|tel|telefon|phonenumber"),
    (Field.NUMBER, ("street number|house number|street no|house no|streetnumber|housenumber|hausnummer"
                   "|street num|house num|stno|number|nr")),
    (Field.POSTCODE, "postcode|zip|zipcode|postal|post code|plz|pincode|pcode|postalcode|cp"),
    (Field.STREET_2, "address 2|address line 2|street 2|addr 2|addr line 2|line 2|add 2"),
    (Field.CITY, "suburb|city|town|locality|ort|ville|village|municipality|stadt|place"),
    (Field.REGION, "state|province|region|county|territory|bundesland|stat"),
    (Field.STREET, "street|address|addr|road|strasse|rue|line 1|add"),
    (Field.COMPANY, "company|organisation|organization|employer|firma|account"),
    (Field.ID, "id|rec id|recid|record id|rid|key|uid|uuid|identifier|record|index|row"),
    (Field.NAME, "name|fullname|full name|person"),
)  # fmt: skip
_ONCE = frozenset(Field) - {Field.OTHER}


def plain(header: str) -> str:
    """Return a header as words in lower case."""
    return fold(_WORD_STARTS.sub(" ", header.strip().replace("-", " ")))


def recognise(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    asked: Mapping[str, Field] | None = None,
) -> list[Field]:
    """Return what each column holds; each field but `OTHER` is given once.

    `asked` (header to field) comes first. A birth date nobody named is found by its contents; the
    id, if no header says so, is the first column whose values are all different.
    """
    chosen = {plain(name): field for name, field in (asked or {}).items()}
    taken: set[Field] = set()
    found = [chosen.get(plain(header), Field.OTHER) for header in headers]
    taken.update(field for field in found if field in _ONCE)
    for field, spellings in _RULES:
        for index in _by_exactness(headers, spellings):
            if found[index] is Field.OTHER and field not in taken:
                found[index] = field
                taken.add(field)
    if Field.BIRTH not in taken:
        _find(found, rows, Field.BIRTH, _are_dates)
    if Field.ID not in taken:
        _find(found, rows, Field.ID, _are_different)
    return found


def _by_exactness(headers: Sequence[str], spellings: str) -> list[int]:
    """Indexes of headers that match, those that are a spelling whole before those that hold one."""
    wanted = spellings.split("|")
    names = [plain(header) for header in headers]
    whole = [index for index, name in enumerate(names) if name in wanted]
    partly = [
        index
        for index, name in enumerate(names)
        if index not in whole and any(_holds(name.split(), each.split()) for each in wanted)
    ]
    return whole + partly


def _holds(words: list[str], wanted: list[str]) -> bool:
    size = len(wanted)
    return any(words[start : start + size] == wanted for start in range(len(words) - size + 1))


def _find(found: list[Field], rows: Sequence[Sequence[str]], field: Field, test: object) -> None:
    assert callable(test)  # noqa: S101
    for index, known in enumerate(found):
        if known is Field.OTHER and test([row[index] for row in rows if index < len(row)]):
            found[index] = field
            return


def _are_dates(cells: list[str]) -> bool:
    filled = [cell for cell in cells[:_SAMPLE] if cell.strip()]
    return len(filled) > 2 and all(_DATE.match(cell.strip()) for cell in filled)


def _are_different(cells: list[str]) -> bool:
    return bool(cells) and all(cells) and len(set(cells)) == len(cells)
