"""Naming the members of one segment in another, as sets; and the sizes a segment had."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, cast, func, literal, select, union_all
from sqlalchemy.orm import Session

from crm_chassis import db
from crm_chassis.auth import Principal
from crm_marketing.model.segment import Segment, SegmentMembership, SegmentTally
from crm_marketing.queries.predicates import seen_by


def name_members_of(
    session: Session, segment: Segment, *, into: Segment, by: str, now: datetime
) -> None:
    """Name in a static segment whoever is in another now; they enter as it is evaluated."""
    db.cursor(session).execute(_NAME, _values(segment, into, by, now))


def name_only_those_of(
    session: Session, snapshot: Segment, *, into: Segment, by: str, now: datetime
) -> None:
    """Name in a static segment those whom a snapshot names, and nobody else."""
    values = _values(snapshot, into, by, now)
    db.cursor(session).execute(_UNNAME, values)
    db.cursor(session).execute(_NAME_THOSE_NAMED, values)


def sizes(
    session: Session, segment_id: UUID, *, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Up to `limit` sizes a segment had, the last first; their places are versions of its tally."""
    values = {"tally": SegmentTally.id_of(segment_id), "before": before, "limit": limit}
    rows = db.cursor(session).execute(_SIZES, values).fetchall()
    return [{"place": version, "at": at, "size": size} for version, at, size in rows]


def sizes_seen(
    session: Session, segment_id: UUID, who: Principal, *, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """The same of those whom `who` may see, as each last came and went; places are microseconds.

    The sizes that are kept count everybody: whoever makes a segment of one question would be told
    whether anybody hidden answers to it, and when that changed.
    """
    stay = SegmentMembership
    seen = (
        stay.segment_id == segment_id, stay.version > 0, stay.archived_at.is_(None),
        stay.contact_id.in_(seen_by(who)),
    )  # fmt: skip
    moves = union_all(
        select(Segment.created_at.label("at"), literal(0).label("by")).where(
            Segment.id == segment_id
        ),
        select(stay.entered_at, literal(1)).where(*seen),
        select(stay.left_at, literal(-1)).where(*seen, stay.left_at.is_not(None)),
    ).subquery()
    size = cast(func.sum(func.sum(moves.c.by)).over(order_by=moves.c.at), BigInteger)
    sums = select(moves.c.at, size.label("size")).group_by(moves.c.at).subquery()
    place = cast(func.extract("epoch", sums.c.at) * 1_000_000, BigInteger).label("place")
    found = select(place, sums.c.at, sums.c.size).order_by(sums.c.at.desc()).limit(limit)
    if before is not None:
        found = found.where(place < before)
    return [row._asdict() for row in session.execute(found)]


def _values(source: Segment, into: Segment, by: str, now: datetime) -> dict[str, Any]:
    return {
        "source": source.id, "into": into.id, "name": into.name, "by": by, "now": now,
        "owner": into.owner_id, "team": into.team_id, "visibility": into.visibility,
    }  # fmt: skip


# A stay that was only named is of version 0 and over: entering makes it the first that is told.
_NAME_THOSE = """
insert into segment_membership (id, version, created_at, updated_at, created_by, updated_by,
    owner_id, team_id, visibility, segment_id, segment_name, contact_id, entered_at, left_at,
    is_named)
select gen_random_uuid(), 0, %(now)s, %(now)s, %(by)s, %(by)s, %(owner)s, %(team)s, %(visibility)s,
    %(into)s, %(name)s, contact_id, %(now)s, %(now)s, true
from segment_membership
where segment_id = %(source)s and archived_at is null and @which
on conflict (segment_id, contact_id) do update set is_named = true
"""
_NAME = _NAME_THOSE.replace("@which", "left_at is null")
_NAME_THOSE_NAMED = _NAME_THOSE.replace("@which", "is_named")
_UNNAME = """
update segment_membership m set is_named = false
where segment_id = %(into)s and is_named and not exists (
    select from segment_membership s
    where s.segment_id = %(source)s and s.contact_id = m.contact_id and s.is_named
      and s.archived_at is null)
"""
_SIZES = """
select h.version, h.at, (v.new ->> 'size')::bigint
from history h join history_value v on v.fact_id = h.fact_id
where h.kind = 'segment_tally' and h.record_id = %(tally)s
  and (v.new ? 'size' or h.version = 1)
  and (%(before)s::bigint is null or h.version < %(before)s)
order by h.version desc limit %(limit)s
"""
