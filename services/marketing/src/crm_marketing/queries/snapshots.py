"""Naming the members of one segment in another, as sets; and the sizes a segment had."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import db
from crm_marketing.model.segment import Segment, SegmentTally


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
    """Up to `limit` sizes a segment had, the last first, of versions of its tally below `before`."""
    values = {"tally": SegmentTally.id_of(segment_id), "before": before, "limit": limit}
    rows = db.cursor(session).execute(_SIZES, values).fetchall()
    return [{"version": version, "at": at, "size": size} for version, at, size in rows]


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
