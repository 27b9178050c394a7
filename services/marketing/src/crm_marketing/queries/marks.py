"""Marks: what has to be looked at again, left by those who changed it."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import TableClause, column, delete, func, select, table
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

SEGMENTS = table("segment_stale", column("id"), column("at"))
CAMPAIGNS = table("campaign_stale", column("id"), column("at"))
_CONTACTS = table("contact_stale", column("id"), column("at"))
_TOUCHED = table("contact_touched", column("seq"), column("contact_id"))


def leave(session: Session, marks: TableClause, ids: Iterable[UUID]) -> None:
    """Mark records; a mark that is there already stays."""
    rows = [{"id": each, "at": func.now()} for each in sorted(set(ids))]
    if rows:
        session.execute(insert(marks).values(rows).on_conflict_do_nothing())


def take(session: Session, marks: TableClause, *, limit: int) -> list[UUID]:
    """Take marks away, oldest first; whoever marks the same again waits for our commit."""
    oldest = (select(marks.c.id).order_by(marks.c.at, marks.c.id).limit(limit)).with_for_update(
        skip_locked=True
    )
    return list(session.scalars(delete(marks).where(marks.c.id.in_(oldest)).returning(marks.c.id)))


def take_contacts(session: Session, *, limit: int) -> list[UUID]:
    """Take away the marks of contacts that changed, or whose deals or tickets did."""
    oldest = select(_TOUCHED.c.seq).order_by(_TOUCHED.c.seq).limit(limit)
    touched = session.scalars(
        delete(_TOUCHED)
        .where(_TOUCHED.c.seq.in_(oldest.with_for_update(skip_locked=True)))
        .returning(_TOUCHED.c.contact_id)
    )
    return sorted({*take(session, _CONTACTS, limit=limit), *touched})


def contacts_waiting(session: Session, *, up_to: int) -> int:
    """How many marks of contacts there are, counted no further than `up_to`."""
    counted = (
        session.scalar(select(func.count()).select_from(select(marks).limit(up_to).subquery()))
        for marks in (_CONTACTS, _TOUCHED)
    )
    return sum(number or 0 for number in counted)
