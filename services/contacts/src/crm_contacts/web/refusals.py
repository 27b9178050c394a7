"""The file of refused rows: as they stood in the file they came in, with the reasons."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy.orm import Session, sessionmaker

from crm_contacts.model.interchange import Import
from crm_contacts.queries import files, imports
from crm_contacts.queries.imports import Row
from crm_interchange import CARDS, tables
from crm_interchange.columns import distinct
from crm_interchange.text import lines

OWN_COLUMNS = ("line", "reasons")
_REASON = "X-RAPPORT-REFUSED"
_LONGEST = 256 * 1024  # of one row; what is longer is shown by its beginning
_FIRST_LINE = re.compile(r"^BEGIN:VCARD\n", re.IGNORECASE)


def mimetype(file: Import) -> str:
    """What kind of file it is: of the kind that came in."""
    return "text/vcard" if file.format == CARDS else "text/csv"


def name(file: Import) -> str:
    """What it is called when it is kept."""
    ending = "vcf" if file.format == CARDS else "csv"
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", file.file_name.rpartition(".")[0] or file.file_name)
    return f"{stem[:100].strip('-') or 'file'}.refused.{ending}"


def written(sessions: sessionmaker[Session], file: Import) -> Iterator[bytes]:
    """Yield the file, a row at a time, within a session of its own."""
    with sessions() as session:
        if file.format != CARDS:
            yield _line([*OWN_COLUMNS, *(file.headers[place] for place in _places(file))])
        for row in imports.refused(session, file.id):
            original = files.span(
                session, file.id, start=row.start_at, end=min(row.end_at, row.start_at + _LONGEST)
            ).decode("utf-8", "replace")
            yield _card(row, original) if file.format == CARDS else _row(file, row, original)


def _row(file: Import, row: Row, original: str) -> bytes:
    """A row that could not be parted into cells stands in the first, as it was."""
    delimiter, width = file.delimiter or ",", len(file.headers)
    found = list(tables.records(_once(original), delimiter=delimiter, width=width))
    is_whole = len(found) == 1 and not found[0].fault and len(found[0].cells) <= width
    cells = found[0].cells if is_whole else [original.rstrip("\n")]
    places = _places(file) if is_whole else range(len(cells))
    kept = [cells[place] if place < len(cells) else "" for place in places]
    return _line([row.line, "; ".join(row.reasons), *kept])


def _once(original: str) -> tables.OpenAt:
    content = original.encode()
    return lambda start, number: lines([content[start:]], start=start, number=number)


def _places(file: Import) -> Sequence[int]:
    """Which columns go on: not those that such a file adds, if it was one that came in."""
    named = enumerate(distinct(file.headers))
    return [place for place, header in named if header not in OWN_COLUMNS]


def _card(row: Row, original: str) -> bytes:
    reasons = "; ".join(row.reasons).replace("\n", " ")
    told = f"BEGIN:VCARD\n{_REASON};LINE={row.line}:{reasons}\n"
    if _FIRST_LINE.match(original):
        return _FIRST_LINE.sub(lambda _: told, original, count=1).encode()
    return f"{told}{original}".encode()


def _line(cells: Iterable[object]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(list(cells))
    return text.getvalue().encode()
