"""Keeping segments current: the contacts that changed, and everybody now and then."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import db
from crm_marketing.commands.segments import move_members
from crm_marketing.model.segment import Segment
from crm_marketing.queries import marks, members

AT_ONCE = 1000
MOST_FACTS = 2500  # of one transaction; each contact may enter every segment
ROUNDS = 20
NIGHT = time(hour=2, tzinfo=UTC)
_CLOCKWORK = db.Context(actor="service:marketing", source="event")
_IN_BULK = db.Context(actor="service:marketing", source="event", bulk=True)


def keep_segments(sessions: sessionmaker[Session], *, now: datetime) -> None:
    """Work off marks, then go on with full evaluations; what is left waits for the next tick."""
    for _ in range(ROUNDS):
        if not _evaluate_changed(sessions, now=now):
            break
    for _ in range(ROUNDS):
        with db.transaction(sessions, _IN_BULK) as session:
            if not evaluate_next(session, now=now):
                return


def evaluate_changed(session: Session, *, now: datetime) -> int:
    """Evaluate every dynamic segment for the contacts that changed; return how many there were."""
    segments = members.dynamic_segments(session)
    limit = min(AT_ONCE, MOST_FACTS // max(len(segments), 1)) or 1
    contact_ids = marks.take_contacts(session, limit=limit)
    if contact_ids:
        for segment in segments:
            _apply(session, segment, contact_ids, now=now)
    return len(contact_ids)


def evaluate_next(session: Session, *, now: datetime) -> bool:
    """Evaluate a segment for the next thousand contacts; False when none is waiting for it."""
    segment = members.segment_to_evaluate(session)
    if segment is None:
        return False
    contact_ids = members.contacts_after(session, segment, limit=AT_ONCE)
    if contact_ids:
        _apply(session, segment, contact_ids, now=now)
        members.evaluated(session, segment, contact_ids[-1])
    else:
        members.evaluated(session, segment, None, now=now)
    return True


def evaluate_nightly(session: Session, *, now: datetime) -> int:
    """Once a night have every segment evaluated in full; return how many."""
    tonight = datetime.combine(now.date(), NIGHT)
    return members.evaluate_again(
        session, not_since=tonight if tonight <= now else tonight - timedelta(days=1)
    )


def _evaluate_changed(sessions: sessionmaker[Session], *, now: datetime) -> bool:
    with sessions() as session:
        waiting = marks.contacts_waiting(session, up_to=AT_ONCE)
    if not waiting:
        return False
    with db.transaction(sessions, _IN_BULK if waiting >= AT_ONCE else _CLOCKWORK) as session:
        return evaluate_changed(session, now=now) > 0


def _apply(
    session: Session, segment: Segment, contact_ids: Sequence[UUID], *, now: datetime
) -> None:
    found = members.changes(session, segment, contact_ids, now=now)
    move_members(
        session,
        segment,
        entering=[each.contact_id for each in found if each.belongs],
        leaving=[each.contact_id for each in found if not each.belongs],
        now=now,
    )
