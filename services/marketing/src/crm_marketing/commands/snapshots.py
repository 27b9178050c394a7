"""Remembering who is in a segment, and giving a list its members of then back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import db, outbox
from crm_marketing import events
from crm_marketing.commands.tallies import open_segment_tally
from crm_marketing.model.errors import SnapshotOfAnother
from crm_marketing.model.root import refuse_archived
from crm_marketing.model.segment import FIRST, Segment
from crm_marketing.model.values import SegmentType
from crm_marketing.queries import members, records, snapshots

_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeSnapshot:
    """Remember who is in a segment now, as a static segment of this name."""

    segment_id: UUID
    name: str | None = None


def take_snapshot(session: Session, command: TakeSnapshot, *, now: datetime) -> Segment:
    """Take and announce a snapshot; its members enter it within seconds. Raises NotFound, RecordArchived."""
    segment = records.for_update(session, Segment, command.segment_id)
    refuse_archived(segment)
    name = command.name or f"{segment.name}, {now:%Y-%m-%d %H:%M}"
    snapshot = Segment(
        name=name[:_LONGEST_NAME],
        type=SegmentType.STATIC,
        snapshot_of_id=segment.id,
        owner_id=segment.owner_id,
        team_id=segment.team_id,
        visibility=segment.visibility,
    )
    snapshot.look_again()
    outbox.add(session, events.segment_created, snapshot, at=now)
    session.flush()
    by = db.context_of(session).actor
    snapshots.name_members_of(session, segment, into=snapshot, by=by, now=now)
    open_segment_tally(session, snapshot, now=now)
    return snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreSnapshot:
    """Have a static segment name those, and only those, that its snapshot names."""

    segment_id: UUID
    snapshot_id: UUID


def restore_snapshot(session: Session, command: RestoreSnapshot, *, now: datetime) -> Segment:
    """Restore; members come and go within seconds, so repeating it changes nothing.

    Raises NotFound, SegmentNotStatic, RecordArchived, SnapshotOfAnother.
    """
    segment = records.for_update(session, Segment, command.segment_id)
    segment.require_static()
    refuse_archived(segment)
    snapshot = records.for_update(session, Segment, command.snapshot_id)
    if snapshot.snapshot_of_id != segment.id:
        raise SnapshotOfAnother(snapshot.id)
    by = db.context_of(session).actor
    snapshots.name_only_those_of(session, snapshot, into=segment, by=by, now=now)
    members.evaluated(session, segment, FIRST)
    return segment
