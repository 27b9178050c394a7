"""Reading what we keep of users."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import db


def named_in(session: Session, text: str) -> Sequence[tuple[UUID, str]]:
    """Id and name of up to 100 active users whose name stands in a text behind an `@`."""
    rows = db.cursor(session).execute(_NAMED, (text,)).fetchall()
    return [(row[0], row[1]) for row in rows]


_NAMED = """
select id, name from user_copy
where active and archived_at is null and name <> ''
  and strpos(lower(%s), '@' || lower(name)) > 0
order by id limit 100
"""
