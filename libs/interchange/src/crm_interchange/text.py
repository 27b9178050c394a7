"""Files of unknown encoding as one: UTF-8 with plain line breaks, and its lines."""

import codecs
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

LONGEST_LINE = 1_000_000  # bytes; what is longer is no row of people
_CHUNK = 1 << 20
_LOOKED_AT = 400
_SHOWN = 1_000
_PARTED_LETTER = re.compile(rb"\r?\n[ \t](?=[\x80-\xbf])")
_LONGEST_FOLD = 3
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its break; `start` and `end` are bytes, `end` is where the next begins."""

    number: int
    start: int
    end: int
    text: str
    is_overlong: bool = False


def encoding_of(file: BinaryIO) -> str:
    """Return a file's encoding: its mark, else UTF-8 if all of it is, else Windows, else Latin 1.

    The file is read once, a piece at a time, and left at its beginning.
    """
    head = file.read(_LOOKED_AT)
    file.seek(0)
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    if unmarked := _unmarked_utf16(head):
        return unmarked
    return next(each for each in ("utf-8", "cp1252", "latin-1") if _is_in(file, each))


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    """Yield a file's bytes; folds of a card that part the bytes of one letter are undone.

    In UTF-8 a space is never followed by the rest of a letter, so no other line is touched.
    """
    rest = b""
    while chunk := file.read(_CHUNK):
        whole = _PARTED_LETTER.sub(b"", rest + chunk)
        rest = whole[-_LONGEST_FOLD:]
        yield whole[:-_LONGEST_FOLD]
    yield rest


def _unmarked_utf16(head: bytes) -> str | None:
    """Every second byte of Western text in UTF-16 is NUL; a stray NUL elsewhere is none of that."""
    half = len(head) // 2
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if half and head[first::2].count(0) > 0.8 * half:
            return encoding
    return None


def _is_in(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in _pieces(file):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return True


def recoded(file: BinaryIO, encoding: str) -> Iterator[bytes]:
    """Yield a file's text in UTF-8, every kind of line break as a line feed."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    plain = io.IncrementalNewlineDecoder(decoder, translate=True)
    for chunk in _pieces(file):
        yield plain.decode(chunk).encode()
    yield plain.decode(b"", final=True).encode()


def lines(chunks: Iterable[bytes], *, start: int = 0, number: int = 1) -> Iterator[Line]:
    """Yield the lines of UTF-8 text whose first chunk begins at byte `start`, line `number`.

    Of a line that is too long only the beginning is kept, so that memory is bounded.
    """
    rest, at, dropped = b"", start, 0
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for content in whole:
            end = at + dropped + len(content) + 1
            yield _line(number, at, end, content, dropped)
            number, at, dropped = number + 1, end, 0
        if len(rest) > LONGEST_LINE:
            dropped += len(rest) - _SHOWN
            rest = rest[:_SHOWN]
    if rest:
        yield _line(number, at, at + dropped + len(rest), rest, dropped)


def _line(number: int, at: int, end: int, content: bytes, dropped: int) -> Line:
    if dropped or len(content) > LONGEST_LINE:
        shown = content[:_SHOWN].decode("utf-8", "replace")
        return Line(number, at, end, shown, is_overlong=True)
    return Line(number, at, end, content.decode("utf-8", "replace"))
