"""How marketing follows merges of contacts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_chassis.project import Copy, Follower, Reference
from crm_marketing import events
from crm_marketing.model.campaign import Enrollment
from crm_marketing.model.message import Message
from crm_marketing.model.repointing import Repointing
from crm_marketing.model.segment import SegmentMembership
from crm_marketing.model.values import SuppressReason
from crm_marketing.queries import marks, members, sending

FOLLOWER = Follower(
    references=(
        Reference(
            of=SegmentMembership, field="contact_id", told=events.membership_updated,
            once_per="segment_id",
        ),
        Reference(
            of=Enrollment, field="contact_id", told=events.enrollment_updated,
            once_per="campaign_id",
        ),
        Reference(of=Message, field="contact_id", told=events.message_updated),
    ),
    row=Repointing,
    told=events.references_repointed,
)  # fmt: skip


def follow(session: Session, fact: Any, contacts: Copy, *, now: datetime) -> None:
    """Follow a merge; nobody gets a campaign's mail twice, and static segments keep who was named."""
    old: UUID = fact.record.id
    new = FOLLOWER.follow(session, fact, contacts, now=now)
    touched = members.segments_of(session, [old, *([new] if new else [])])
    marks.leave(session, marks.SEGMENTS, touched)
    if new is not None:
        _name(session, old, new, now=now)
        _withhold_seconds(session, new, now=now)


def _name(session: Session, old: UUID, new: UUID, *, now: datetime) -> None:
    """Let the survivor into the static segments that only the absorbed contact was in."""
    for segment, stay in members.named_again(session, old, new):
        stay.enter(segment, at=now)
        outbox.add(session, events.segment_entered, stay, at=now)


def _withhold_seconds(session: Session, contact_id: UUID, *, now: datetime) -> None:
    """Keep back what waits to be sent where the campaign has another mail for the contact."""
    for message in sending.seconds_waiting(session, contact_id):
        message.suppress(SuppressReason.MERGED)
        outbox.add(session, events.message_suppressed, message, at=now)
