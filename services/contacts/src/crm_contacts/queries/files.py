"""Reading kept files, a part at a time."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import db

PART = 256 * 1024  # bytes of every part but the last


def chunks(session: Session, file_id: UUID, *, start: int = 0) -> Iterator[bytes]:
    """Yield a file's content from a byte on; never more than a part is held."""
    number, offset = divmod(start, PART)
    cursor = db.cursor(session)
    while row := cursor.execute(_PART, (file_id, number)).fetchone():
        content = bytes(row[0])
        yield content[offset:] if offset else content
        number, offset = number + 1, 0


def span(session: Session, file_id: UUID, *, start: int, end: int) -> bytes:
    """Return the bytes of a file between two places."""
    first, last = start // PART, max(start, end - 1) // PART
    rows = db.cursor(session).execute(_PARTS, (file_id, first, last)).fetchall()
    content = b"".join(bytes(row[0]) for row in rows)
    return content[start - first * PART : end - first * PART]


def size(session: Session, file_id: UUID) -> int | None:
    """Return the bytes of a file, None if there is none."""
    row = db.cursor(session).execute(_SIZE, (file_id,)).fetchone()
    return None if row is None or row[0] is None else int(row[0])


_SIZE = "select sum(length(content)) from stored_part where file_id = %s"
_PART = "select content from stored_part where file_id = %s and number = %s"
_PARTS = """
select content from stored_part where file_id = %s and number between %s and %s order by number
"""
