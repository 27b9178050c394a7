"""The rows of a CSV file, wherever quotes, line breaks and lengths went wrong."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from crm_interchange.text import LONGEST_LINE, Line

OpenAt = Callable[[int, int], Iterator[Line]]
_DELIMITERS = ",;\t|"
_MOST_LINES = 200  # of one row
_GUARDED = frozenset("=+-@")
csv.field_size_limit(LONGEST_LINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A row (or a card) and where it stands; `fault` says why it cannot be read."""

    line: int
    start: int
    end: int
    next_line: int
    cells: list[str] = field(default_factory=list)
    fault: str | None = None


def delimiter_of(text: str) -> str:
    """Return what parts the cells of the first row: what stands most often outside quotes."""
    counts = dict.fromkeys(_DELIMITERS, 0)
    is_quoted = False
    for letter in text.lstrip("\n"):
        if letter == '"':
            is_quoted = not is_quoted
        elif letter == "\n" and not is_quoted:
            break
        elif letter in counts and not is_quoted:
            counts[letter] += 1
    return max(counts, key=lambda each: counts[each])


def hint_of(text: str) -> str | None:
    """Return the delimiter that a first line `sep=;`, meant for spreadsheets, names."""
    first = text.partition("\n")[0]
    return first[4] if first.lower().startswith("sep=") and len(first) == len("sep=;") else None


def records(
    open_at: OpenAt, *, delimiter: str, start: int = 0, number: int = 1, width: int | None = None
) -> Iterator[Record]:
    """Yield the rows from a place on, blank ones left out.

    Where a quote is not closed, the line it stands on is a faulty row alone, and what follows is
    read anew; so it is when a row over several lines has not `width` cells.
    """
    while True:
        feed = _Feed(open_at(start, number))
        yield from _well_formed(feed, delimiter, width)
        if feed.broken is None:
            return
        line = feed.broken
        fault = "longer than 1 MB" if line.is_overlong else "a quotation mark is not closed"
        start, number = line.end, line.number + 1
        yield Record(
            line=line.number, start=line.start, end=line.end, next_line=number,
            cells=[line.text], fault=fault,
        )  # fmt: skip


class _Runaway(Exception):
    """A row that does not end."""


class _Feed:
    """The lines of one row after the other, for csv.reader."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self.lines = lines
        self.first: Line | None = None
        self.last: Line | None = None
        self.broken: Line | None = None
        self.length = 0
        self.is_cut = False

    def begin(self) -> None:
        """Forget the row before."""
        self.first, self.length = None, 0

    def span(self) -> tuple[Line, Line]:
        """Return the first and the last line of the row that was just read."""
        assert self.first is not None  # noqa: S101 - csv.reader took a line, or had ended
        assert self.last is not None  # noqa: S101
        return self.first, self.last

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        line = next(self.lines, None)
        if line is None:
            self.is_cut = self.first is not None  # asked for more: a quote is open
            raise StopIteration
        self.first, self.last = self.first or line, line
        self.length += len(line.text)
        is_endless = line.number - self.first.number >= _MOST_LINES or self.length > LONGEST_LINE
        if line.is_overlong or is_endless:
            raise _Runaway
        return line.text + "\n"


def _well_formed(feed: _Feed, delimiter: str, width: int | None) -> Iterator[Record]:
    reader = csv.reader(feed, delimiter=delimiter)
    while True:
        feed.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (_Runaway, csv.Error):
            feed.broken = feed.first
            return
        first, last = feed.span()
        is_torn = width is not None and first is not last and len(cells) != width
        if feed.is_cut or is_torn:
            feed.broken = first
            return
        if any(cell and not cell.isspace() for cell in cells):
            yield Record(
                line=first.number, start=first.start, end=last.end, next_line=last.number + 1,
                cells=[cell.rstrip("\n") for cell in cells],
            )  # fmt: skip


def unguarded(cell: str) -> str:
    """Return a cell without the apostrophe that keeps spreadsheets from calculating it."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _GUARDED else cell


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return "'" + cell if cell[:1] in _GUARDED or (cell[:1] in "\t\r" and cell) else cell
