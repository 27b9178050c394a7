"""Who belongs to a segment, over sets of contacts."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Uuid,
    and_,
    any_,
    false,
    func,
    literal,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.orm import Session, aliased

from crm_chassis.auth import Principal
from crm_fields import Node
from crm_marketing.model.predicate import parse
from crm_marketing.model.segment import FIRST, Segment, SegmentMembership
from crm_marketing.model.values import SegmentType
from crm_marketing.queries import own_fields
from crm_marketing.queries.predicates import CONTACT, condition, seen_by

MARKABLE = (
    Segment.type == SegmentType.DYNAMIC,
    Segment.archived_at.is_(None),
)
# A stay that a merge put away is its contact's alone again once the merge is undone.
_CURRENT = (SegmentMembership.left_at.is_(None), SegmentMembership.archived_at.is_(None))


class Change(NamedTuple):
    contact_id: UUID
    belongs: bool


def matching(node: Node, *, now: datetime) -> Select[Any]:
    """Ids of all contacts a predicate means."""
    return select(CONTACT.c.id).where(condition(node, now=now))


def preview(
    session: Session, node: Node, who: Principal, *, now: datetime, sample: int
) -> tuple[int, Sequence[UUID]]:
    """How many contacts a predicate means that `who` may see, and the newest of them."""
    meant = matching(node, now=now)
    if not who.is_admin:
        meant = meant.where(CONTACT.c.id.in_(seen_by(who)))
    count = session.scalar(select(func.count()).select_from(meant.subquery())) or 0
    return count, session.scalars(meant.order_by(CONTACT.c.id.desc()).limit(sample)).all()


def changes(
    session: Session, segment: Segment, contact_ids: Collection[UUID], *, now: datetime
) -> list[Change]:
    """Those of the contacts that have to enter or leave, in order of contact."""
    given = literal(list(contact_ids), ARRAY(Uuid))
    meant = _meant(session, segment, given, now=now).subquery()
    stays = (
        select(SegmentMembership.contact_id)
        .where(
            SegmentMembership.segment_id == segment.id,
            SegmentMembership.contact_id == any_(given),
            *_CURRENT,
        )
        .subquery()
    )
    statement = (
        select(func.coalesce(meant.c.id, stays.c.contact_id), meant.c.id.is_not(None))
        .select_from(meant.join(stays, meant.c.id == stays.c.contact_id, full=True))
        .where(meant.c.id.is_(None) | stays.c.contact_id.is_(None))
        .order_by(func.coalesce(meant.c.id, stays.c.contact_id))
    )
    return [Change(*row) for row in session.execute(statement)]


def dynamic_segments(session: Session) -> Sequence[Segment]:
    """Live segments with a predicate; locked against a change of it."""
    return session.scalars(
        select(Segment).where(*MARKABLE).order_by(Segment.id).with_for_update(read=True)
    ).all()


def segment_to_evaluate(session: Session) -> Segment | None:
    """A segment whose full evaluation is not at its end, locked."""
    return session.scalar(
        select(Segment)
        .where(Segment.evaluated_to.is_not(None))
        .order_by(Segment.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def contacts_after(session: Session, segment: Segment, *, limit: int) -> Sequence[UUID]:
    """The next contacts to evaluate: members and those named, and for a predicate all we know."""
    after = segment.evaluated_to or FIRST
    staying = (
        select(SegmentMembership.contact_id)
        .where(
            SegmentMembership.segment_id == segment.id,
            or_(SegmentMembership.left_at.is_(None), SegmentMembership.is_named),
            SegmentMembership.archived_at.is_(None),
            SegmentMembership.contact_id > after,
        )
        .order_by(SegmentMembership.contact_id)
        .limit(limit)
    )
    if segment.archived_at is not None or not segment.is_dynamic:
        return session.scalars(staying).all()
    known = select(CONTACT.c.id).where(CONTACT.c.id > after).order_by(CONTACT.c.id).limit(limit)
    both = union(select(known.subquery().c.id), select(staying.subquery().c.contact_id)).subquery()
    first = both.c[0]
    return session.scalars(select(first).order_by(first).limit(limit)).all()


def evaluated(
    session: Session, segment: Segment, to: UUID | None, *, now: datetime | None = None
) -> None:
    """Note how far an evaluation has come; None when it has come to its end."""
    values: dict[str, Any] = {"evaluated_to": to} | ({"evaluated_at": now} if now else {})
    session.execute(
        update(Segment)
        .where(Segment.id == segment.id)
        .values(values)
        .execution_options(synchronize_session=False)
    )


def evaluate_again(session: Session, *, not_since: datetime) -> int:
    """Have every dynamic segment evaluated in full whose last evaluation ended before then."""
    done = session.execute(
        update(Segment)
        .where(*MARKABLE, Segment.evaluated_to.is_(None), Segment.evaluated_at < not_since)
        .values(evaluated_to=FIRST)
        .execution_options(synchronize_session=False)
    )
    return int(getattr(done, "rowcount", 0))


def unname(session: Session, segment: Segment, contact_ids: Collection[UUID]) -> None:
    """Note that a static segment names some no longer: they do not come back with it."""
    session.execute(
        update(SegmentMembership)
        .where(
            SegmentMembership.segment_id == segment.id,
            SegmentMembership.contact_id.in_(contact_ids),
        )
        .values(is_named=False)
        .execution_options(synchronize_session=False)
    )


def size_of(session: Session, segment_id: UUID, who: Principal | None = None) -> int:
    """How many contacts are in the segment now, or how many of those that `who` may see."""
    stays = and_(SegmentMembership.segment_id == segment_id, *_CURRENT)
    counted = select(func.count()).where(stays)
    if who is not None:
        counted = counted.where(SegmentMembership.contact_id.in_(seen_by(who)))
    return session.scalar(counted) or 0


def segments_of(session: Session, contact_ids: Collection[UUID]) -> Sequence[UUID]:
    """Segments that these contacts are in or were."""
    statement = select(SegmentMembership.segment_id).distinct()
    return session.scalars(statement.where(SegmentMembership.contact_id.in_(contact_ids))).all()


def named_again(
    session: Session, old: UUID, new: UUID
) -> Sequence[tuple[Segment, SegmentMembership]]:
    """Past stays of `new` in static segments that a merge put `old` away from, locked."""
    put_away = aliased(SegmentMembership)
    statement = (
        select(Segment, SegmentMembership)
        .join(SegmentMembership, SegmentMembership.segment_id == Segment.id)
        .join(put_away, put_away.segment_id == Segment.id)
        .where(
            Segment.type == SegmentType.STATIC,
            SegmentMembership.contact_id == new,
            SegmentMembership.left_at.is_not(None),
            put_away.contact_id == old,
            put_away.is_named,
            put_away.left_at.is_(None),
        )
        .order_by(Segment.id)
        .with_for_update(of=SegmentMembership)
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def _meant(
    session: Session, segment: Segment, given: ColumnElement[Any], *, now: datetime
) -> Select[Any]:
    """Which of the contacts belong: nobody to an archived segment, those named to a static one."""
    if segment.is_dynamic and segment.archived_at is None:
        meant = parse(segment.predicate, own_fields.known(session), is_old=True)
        return matching(meant, now=now).where(CONTACT.c.id == any_(given))
    named = select(SegmentMembership.contact_id.label("id")).where(
        SegmentMembership.segment_id == segment.id,
        SegmentMembership.contact_id == any_(given),
        SegmentMembership.is_named,
        SegmentMembership.archived_at.is_(None),
    )
    return named if segment.archived_at is None else named.where(false())
