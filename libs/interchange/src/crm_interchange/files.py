"""A file of people: what it is, and its rows or cards from any place on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from crm_interchange import cards, tables, text
from crm_interchange.card_people import person_of
from crm_interchange.people import Draft, Nobody
from crm_interchange.rows import Reading, row_of
from crm_interchange.tables import Record
from crm_interchange.text import Line

TABLE, CARDS = "csv", "vcard"
_HEAD = 256 * 1024
_MOST_COLUMNS = 300
_LONGEST_HEADER = 1_000
Open = Callable[[int, int], Iterator[Line]]


class Unreadable(ValueError):
    """The file is neither a table of text nor a file of cards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sniffed:
    """What a file turned out to be; rows begin at byte `start`, line `line`."""

    format: str
    delimiter: str | None = None
    headers: tuple[str, ...] = ()
    start: int = 0
    line: int = 1


def sniff(head: bytes) -> Sniffed:
    """Return what a file in UTF-8 is, by its first 256 KB. Raises Unreadable."""
    shown = head[:_HEAD].decode("utf-8", "ignore")
    if not shown.strip("\ufeff \t\n"):
        raise Unreadable("the file is empty")
    if cards.is_card(shown):
        return Sniffed(format=CARDS)
    hint = tables.hint_of(shown)
    delimiter = hint or tables.delimiter_of(shown)
    start = shown.find("\n") + 1 if hint else 0
    found = tables.records(
        lambda at, number: text.lines([head[at:_HEAD]], start=at, number=number),
        delimiter=delimiter, start=start, number=2 if hint else 1,
    )  # fmt: skip
    first = next(found, None)
    if first is None or first.fault is not None:
        raise Unreadable(f"the first row cannot be read: {first.fault if first else 'empty'}")
    if len(first.cells) > _MOST_COLUMNS:
        raise Unreadable(f"more than {_MOST_COLUMNS} columns")
    if max(map(len, first.cells)) > _LONGEST_HEADER:
        raise Unreadable("the first row does not hold the names of columns")
    headers = tuple(cell.strip() for cell in first.cells)
    return Sniffed(
        format=TABLE, delimiter=delimiter, headers=headers, start=first.end, line=first.next_line
    )


def records(sniffed: Sniffed, open_at: Open, *, start: int, line: int) -> Iterator[Record]:
    """Yield the rows or cards from a place on."""
    if sniffed.format == CARDS:
        return cards.records(open_at, start=start, number=line)
    return tables.records(
        open_at, delimiter=sniffed.delimiter or ",", start=start, number=line,
        width=len(sniffed.headers),
    )  # fmt: skip


def draft(record: Record, reading: Reading, *, encoding: str, is_card: bool) -> Draft:
    """Return the person a record means. Raises Nobody with the reason when it means none."""
    if record.fault is not None:
        raise Nobody(record.fault)
    if any("\0" in cell for cell in record.cells):
        raise Nobody("NUL is not text")
    if is_card:
        found = cards.properties(record.cells, encoding=encoding)
        return person_of(found, this_year=reading.this_year)
    return row_of(record.cells, reading)


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeFile:
    """A file small enough to be held: its headers, its rows, what it was written in."""

    encoding: str
    sniffed: Sniffed
    records: list[Record] = field(default_factory=list)


def read_file(file: BinaryIO) -> WholeFile:
    """Return all of a file at once. Raises Unreadable."""
    encoding = text.encoding_of(file)
    content = b"".join(text.recoded(file, encoding))
    sniffed = sniff(content)

    def open_at(start: int, number: int) -> Iterator[Line]:
        return text.lines([content[start:]], start=start, number=number)

    found = records(sniffed, open_at, start=sniffed.start, line=sniffed.line)
    return WholeFile(encoding=encoding, sniffed=sniffed, records=list(found))
