"""What can be asked of segments."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_chassis.project import refer_all
from crm_marketing import events
from crm_marketing.commands.changing import expect
from crm_marketing.commands.tallies import add_to_size, is_seen_otherwise, open_segment_tally
from crm_marketing.model.root import refuse_archived
from crm_marketing.model.segment import Segment, SegmentMembership
from crm_marketing.model.values import SegmentType
from crm_marketing.queries import marks, members, own_fields, records


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSegment:
    name: str
    type: SegmentType
    predicate: dict[str, Any] | None = None
    member_ids: tuple[UUID, ...] = ()
    owner_id: UUID | None = None
    team_id: UUID | None = None
    visibility: str = "all"


def create_segment(session: Session, command: CreateSegment, *, now: datetime) -> Segment:
    """Add a segment; a dynamic one fills within seconds.

    Raises InvalidPredicate, PredicateMismatch, SegmentNotStatic.
    """
    segment = Segment(
        name=command.name,
        type=command.type,
        owner_id=command.owner_id,
        team_id=command.team_id,
        visibility=command.visibility,
    )
    segment.select(command.predicate, own=own_fields.known(session))
    outbox.add(session, events.segment_created, segment, at=now)
    size = 0
    if command.member_ids:
        segment.require_static()
        session.flush()
        size = _admit(session, segment, command.member_ids, now=now)
    open_segment_tally(session, segment, size=size, now=now)
    return segment


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateSegment:
    segment_id: UUID
    expected_version: int | None
    changes: Mapping[str, Any]


def update_segment(session: Session, command: UpdateSegment, *, now: datetime) -> Segment:
    """Change a segment. Raises NotFound, StaleVersion, RecordArchived, InvalidPredicate, …"""
    segment = records.for_update(session, Segment, command.segment_id)
    segment.expect(command.expected_version)
    refuse_archived(segment)
    changes = dict(command.changes)
    if "predicate" in changes:
        segment.select(changes.pop("predicate"), own=own_fields.known(session))
    for name, value in changes.items():
        setattr(segment, name, value)
    outbox.add(session, events.segment_updated, segment, at=now)
    if is_seen_otherwise(changes):
        marks.leave(session, marks.SEGMENTS, [segment.id])
    return segment


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveSegment:
    segment_id: UUID
    expected_version: int | None


def archive_segment(session: Session, command: ArchiveSegment, *, now: datetime) -> Segment:
    """Put a segment away; its members leave within seconds. Raises NotFound, StaleVersion."""
    segment = records.for_update(session, Segment, command.segment_id)
    if segment.archived_at is not None:
        return segment
    expect(segment, command.expected_version)
    segment.put_away(at=now)
    outbox.add(session, events.segment_archived, segment, at=now)
    return segment


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreSegment:
    segment_id: UUID
    expected_version: int | None


def restore_segment(session: Session, command: RestoreSegment, *, now: datetime) -> Segment:
    """Bring an archived segment back; it fills within seconds. Raises NotFound, StaleVersion."""
    segment = records.for_update(session, Segment, command.segment_id)
    if segment.archived_at is None:
        return segment
    segment.expect(command.expected_version)
    segment.bring_back()
    outbox.add(session, events.segment_restored, segment, at=now)
    return segment


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMembers:
    """The set of members after it is the same, however often it is asked: no version is needed."""

    segment_id: UUID
    add: tuple[UUID, ...] = field(default=())
    remove: tuple[UUID, ...] = field(default=())


def change_members(session: Session, command: ChangeMembers, *, now: datetime) -> Segment:
    """Name and unname members. Raises NotFound, SegmentNotStatic, RecordArchived."""
    segment = records.for_update(session, Segment, command.segment_id)
    segment.require_static()
    refuse_archived(segment)
    changed = _admit(session, segment, command.add, now=now)
    changed -= _dismiss(session, segment, command.remove, now=now)
    add_to_size(session, segment, changed, now=now)
    return segment


def move_members(
    session: Session,
    segment: Segment,
    *,
    entering: Collection[UUID],
    leaving: Collection[UUID],
    now: datetime,
) -> int:
    """Let contacts in and out, tell of each, and return how many more there are now."""
    known = records.memberships_for_update(session, segment.id, {*entering, *leaving})
    grown = 0
    for contact_id in sorted(entering):
        stay = known.get(contact_id)
        if stay is not None and stay.is_current:
            continue
        stay = stay or _new_stay(segment, contact_id, now=now)
        stay.enter(segment, at=now)
        outbox.add(session, events.segment_entered, stay, at=now)
        grown += 1
    for contact_id in sorted(leaving):
        stay = known.get(contact_id)
        if stay is None or not stay.is_current:
            continue
        stay.leave(at=now)
        outbox.add(session, events.segment_left, stay, at=now)
        grown -= 1
    if entering or leaving:
        marks.leave(session, marks.SEGMENTS, [segment.id])
    return grown


def _admit(
    session: Session, segment: Segment, contact_ids: Collection[UUID], *, now: datetime
) -> int:
    entering = set(refer_all(session, "contact_copy", contact_ids).values())
    return move_members(session, segment, entering=entering, leaving=(), now=now)


def _dismiss(
    session: Session, segment: Segment, contact_ids: Collection[UUID], *, now: datetime
) -> int:
    members.unname(session, segment, contact_ids)
    return -move_members(session, segment, entering=(), leaving=contact_ids, now=now)


def _new_stay(segment: Segment, contact_id: UUID, *, now: datetime) -> SegmentMembership:
    return SegmentMembership(
        segment_id=segment.id,
        segment_name=segment.name,
        contact_id=contact_id,
        entered_at=now,
        owner_id=segment.owner_id,
        team_id=segment.team_id,
        visibility=segment.visibility,
    )
