"""A CSV file as its authors meant it: encoding, delimiter, quoted line breaks."""

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crm_client.errors import ClientError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = ",;\t|"
_LONGEST_CELL = 1_000_000


class Unreadable(ClientError):
    """The file is not a table of text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Headers and rows; a row comes with the number of the line it starts on."""

    headers: list[str]
    rows: list[tuple[int, list[str]]]
    fingerprint: str


def read(path: Path) -> Table:
    """Return a file's table without blank rows. Raises Unreadable."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}") from error
    text = decoded(content)
    try:
        rows = list(_rows(text))
    except csv.Error as error:
        raise Unreadable(f"{path}: {error}") from error
    if not rows:
        raise Unreadable(f"{path} is empty")
    headers = [cell.strip() for cell in rows[0][1]]
    return Table(headers=headers, rows=rows[1:], fingerprint=hashlib.sha256(content).hexdigest())


def decoded(content: bytes) -> str:
    """Return the text of a file whose encoding nobody tells: BOM, else UTF-8, else Windows."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    if b"\0" in content[:200]:
        is_little = content[1:2] == b"\0"
        return content.decode("utf-16-le" if is_little else "utf-16-be", errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def delimiter_of(text: str) -> str:
    """Return what parts the cells of the first row: what stands most often outside quotes."""
    counts = dict.fromkeys(_DELIMITERS, 0)
    is_quoted = False
    for letter in text.lstrip("\r\n"):
        if letter == '"':
            is_quoted = not is_quoted
        elif letter in "\r\n" and not is_quoted:
            break
        elif letter in counts and not is_quoted:
            counts[letter] += 1
    return max(counts, key=lambda each: counts[each])


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(_LONGEST_CELL)
    text, delimiter = _without_hint(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield line, cells
        line = reader.line_num + 1


def _without_hint(text: str) -> tuple[str, str]:
    """A first line `sep=;` is for spreadsheets; it stays as a blank line, to keep the count."""
    first, newline, rest = text.partition("\n")
    if first.lower().startswith("sep=") and len(first.rstrip("\r")) == len("sep=;"):
        return newline + rest, first[4]
    return text, delimiter_of(text)
