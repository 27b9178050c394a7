"""Keeping files in parts, so that no process ever holds a whole one."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import db
from crm_contacts.queries.files import PART


def keep(session: Session, file_id: UUID, content: Iterable[bytes]) -> int:
    """Write a new file; return its size in bytes."""
    rest, number, size = b"", 0, 0
    for piece in content:
        rest += piece
        while len(rest) >= PART:
            _write(session, file_id, number, rest[:PART])
            rest, number, size = rest[PART:], number + 1, size + PART
    if rest:
        _write(session, file_id, number, rest)
    return size + len(rest)


def append(session: Session, file_id: UUID, content: bytes, *, size: int) -> int:
    """Write on at the end of a file of that size; return the new size."""
    number, used = divmod(size, PART)
    at = 0
    if used:
        at = min(PART - used, len(content))
        db.cursor(session).execute(_GROW, (content[:at], file_id, number))
        number += 1
    for start in range(at, len(content), PART):
        _write(session, file_id, number, content[start : start + PART])
        number += 1
    return size + len(content)


def forget(session: Session, file_id: UUID) -> None:
    """Delete a file, if there is one."""
    db.cursor(session).execute("delete from stored_part where file_id = %s", (file_id,))


def _write(session: Session, file_id: UUID, number: int, content: bytes) -> None:
    db.cursor(session).execute(_INSERT, (file_id, number, content))


_INSERT = "insert into stored_part (file_id, number, content) values (%s, %s, %s)"
_GROW = """
update stored_part set content = content || %s where file_id = %s and number = %s
"""
