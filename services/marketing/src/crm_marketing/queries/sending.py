"""The queue of mails and the state of campaigns."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from crm_chassis.auth import Principal
from crm_marketing.model.campaign import Campaign, Enrollment
from crm_marketing.model.message import Message
from crm_marketing.model.segment import Segment, SegmentMembership
from crm_marketing.model.values import CampaignStatus, MessageStatus
from crm_marketing.queries.predicates import seen_by

# Mails of the last day that failed, or may have, by status.
UNSENT = """
select status, count(*) from message
where status in ('failed', 'unsure') and updated_at > now() - interval '1 day' group by 1
"""
# Of a campaign that is done only what somebody wants sent again is queued.
_SENDING = (CampaignStatus.ACTIVE, CampaignStatus.DONE)
_OUTSTANDING = (MessageStatus.QUEUED, MessageStatus.SENDING)


def _due(now: datetime) -> tuple[Any, ...]:
    return (
        Message.status == MessageStatus.QUEUED,
        Message.due_at <= now,
        Campaign.id == Message.campaign_id,
        Campaign.status.in_(_SENDING),
    )


def is_any_due(session: Session, *, now: datetime) -> bool:
    """Whether a mail of an active campaign waits to be sent."""
    return bool(session.scalar(select(exists().where(*_due(now)))))


def next_due(session: Session, *, now: datetime) -> Message | None:
    """The mail that has waited longest, locked; those another sender has locked are skipped."""
    return session.scalar(
        select(Message)
        .join(Campaign, Campaign.id == Message.campaign_id)
        .where(*_due(now))
        .order_by(Message.due_at, Message.id)
        .limit(1)
        .with_for_update(of=Message, skip_locked=True)
        .execution_options(populate_existing=True)
    )


def sent_since(session: Session, contact_id: UUID, *, since: datetime) -> int:
    """How many mails a contact was sent, or is perhaps being sent.

    Whoever asks next for the same contact waits until this transaction ends.
    """
    key = func.hashtextextended(f"mails to {contact_id}", 0)
    session.execute(select(func.pg_advisory_xact_lock(key)))
    statement = select(func.count()).where(
        Message.contact_id == contact_id,
        Message.status.in_((MessageStatus.SENT, MessageStatus.SENDING, MessageStatus.UNSURE)),
        func.coalesce(Message.sent_at, Message.claimed_at) > since,
    )
    return session.scalar(statement) or 0


def being_sent(session: Session) -> Sequence[Message]:
    """Mails claimed and not settled, locked."""
    return session.scalars(
        select(Message)
        .where(Message.status == MessageStatus.SENDING)
        .order_by(Message.id)
        .limit(1000)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()


def outstanding(session: Session, *, due: datetime) -> Sequence[Message]:
    """Some of the mails that are claimed, or queued and due by then, locked; none when all are done."""
    return session.scalars(
        select(Message)
        .where(Message.status.in_(_OUTSTANDING), Message.due_at <= due)
        .order_by(Message.id)
        .limit(500)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def note(session: Session, message_id: UUID, **marks: Any) -> None:
    """Set the sender's own marks, which are no change others may see."""
    session.execute(
        update(Message)
        .where(Message.id == message_id)
        .values(marks)
        .execution_options(synchronize_session=False)
    )


def campaign_enrolling(session: Session) -> Campaign | None:
    """An active campaign whose segment may have members that are not enrolled, locked.

    Not while the segment is still being evaluated.
    """
    segment = aliased(Segment)
    return session.scalar(
        select(Campaign)
        .join(segment, segment.id == Campaign.segment_id)
        .where(
            Campaign.status == CampaignStatus.ACTIVE,
            Campaign.enrolling,
            segment.evaluated_to.is_(None),
        )
        .order_by(Campaign.id)
        .limit(1)
        .with_for_update(of=Campaign, skip_locked=True)
        .execution_options(populate_existing=True)
    )


def members_to_enroll(session: Session, campaign: Campaign, *, limit: int) -> Sequence[UUID]:
    """Members of the campaign's segment that are not enrolled."""
    enrolled = exists().where(
        Enrollment.campaign_id == campaign.id,
        Enrollment.contact_id == SegmentMembership.contact_id,
    )
    return session.scalars(
        select(SegmentMembership.contact_id)
        .where(
            SegmentMembership.segment_id == campaign.segment_id,
            SegmentMembership.left_at.is_(None),
            SegmentMembership.archived_at.is_(None),
            ~enrolled,
        )
        .order_by(SegmentMembership.contact_id)
        .limit(limit)
    ).all()


def seconds_waiting(session: Session, contact_id: UUID) -> Sequence[Message]:
    """Messages that wait for a contact whom their campaign has written before, locked."""
    before = aliased(Message)
    first = exists().where(
        before.campaign_id == Message.campaign_id,
        before.contact_id == Message.contact_id,
        before.id < Message.id,
    )
    return session.scalars(
        select(Message)
        .where(Message.contact_id == contact_id, Message.status == MessageStatus.QUEUED, first)
        .order_by(Message.id)
        .with_for_update()
    ).all()


def stop_enrolling(session: Session, campaign: Campaign) -> None:
    """Note that every member is enrolled."""
    session.execute(
        update(Campaign)
        .where(Campaign.id == campaign.id)
        .values(enrolling=False)
        .execution_options(synchronize_session=False)
    )


def counts(session: Session, campaign_id: UUID, who: Principal | None = None) -> dict[str, int]:
    """How many were enrolled, and what became of their messages; of contacts that `who` may see."""
    names = ("queued", "sent", "unsure", "failed", "suppressed")
    enrolled = session.scalar(
        select(func.count()).where(Enrollment.campaign_id == campaign_id, *_seen(Enrollment, who))
    )
    found = {"enrolled": enrolled or 0, **dict.fromkeys((*names, "opened", "clicked"), 0)}
    rows = session.execute(
        select(
            Message.status,
            func.count(),
            func.count(Message.opened_at),
            func.count(Message.clicked_at),
        )
        .where(Message.campaign_id == campaign_id, *_seen(Message, who))
        .group_by(Message.status)
    )
    for status, number, opened, clicked in rows:
        found["queued" if status in _OUTSTANDING else status.value] += number
        found["opened"] += opened
        found["clicked"] += clicked
    return found


def _seen(of: type[Enrollment | Message], who: Principal | None) -> list[ColumnElement[bool]]:
    return [] if who is None else [of.contact_id.in_(seen_by(who))]
