"""Campaigns and messages that ran elsewhere and bring their past along; nothing of it is mailed."""

import itertools
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_chassis.project import refer
from crm_marketing import events
from crm_marketing.commands.campaigns import CreateCampaign, new_campaign
from crm_marketing.commands.enrollments import new_enrollment, new_message
from crm_marketing.commands.tallies import open_campaign_tally
from crm_marketing.model.campaign import Campaign
from crm_marketing.model.errors import AlreadyEnrolled, HistoryImpossible
from crm_marketing.model.message import Message
from crm_marketing.model.values import CampaignStatus
from crm_marketing.queries import marks, records


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCampaign:
    """A campaign that is done."""

    campaign: CreateCampaign
    started_at: datetime
    completed_at: datetime


def import_campaign(session: Session, command: ImportCampaign, *, now: datetime) -> Campaign:
    """Create a campaign that has run. Raises HistoryImpossible and what creating one raises."""
    _refuse_disorder(command.started_at, command.completed_at, now)
    campaign = new_campaign(session, command.campaign)
    campaign.created_at = campaign.started_at = command.started_at
    campaign.completed_at, campaign.status = command.completed_at, CampaignStatus.DONE
    outbox.add(session, events.campaign_created, campaign, at=command.completed_at)
    open_campaign_tally(session, campaign, now=now)
    return campaign


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMessage:
    """A mail that was sent, and what its addressee did with it."""

    campaign_id: UUID
    contact_id: UUID
    sent_at: datetime
    subject: str | None = None
    opened_at: datetime | None = None
    clicked_at: datetime | None = None
    open_count: int | None = None


def import_message(session: Session, command: ImportMessage, *, now: datetime) -> Message:
    """Write down a past mail. Raises CampaignUnknown, AlreadyEnrolled, HistoryImpossible."""
    happened = (command.sent_at, command.opened_at, command.clicked_at, now)
    _refuse_disorder(*(moment for moment in happened if moment is not None))
    campaign = records.campaign(session, command.campaign_id)
    contact_id = refer(session, "contact_copy", command.contact_id) or command.contact_id
    if records.enrolled_among(session, campaign.id, [contact_id]):
        raise AlreadyEnrolled(contact_id)
    enrollment = new_enrollment(campaign, contact_id, reason="imported", at=command.sent_at)
    enrollment.created_at = command.sent_at
    outbox.add(session, events.enrollment_created, enrollment, at=command.sent_at)
    message = _past_message(session, campaign, contact_id, command)
    marks.leave(session, marks.CAMPAIGNS, [campaign.id])
    return message


def _past_message(
    session: Session, campaign: Campaign, contact_id: UUID, command: ImportMessage
) -> Message:
    """A version for each thing that happened to it, told as that of a live mail is."""
    subject = command.subject or campaign.subject or campaign.name
    message = new_message(campaign, contact_id, subject=subject, at=command.sent_at)
    message.created_at = command.sent_at
    message.sent(at=command.sent_at)
    outbox.add(session, events.message_sent, message, at=command.sent_at)
    happened = (
        (command.opened_at, message.opened, events.message_opened),
        (command.clicked_at, message.clicked, events.message_clicked),
    )
    for at, happen, told in happened:
        if at is not None:
            outbox.settle(session)
            happen(at=at)
            message.open_count = max(message.open_count, command.open_count or 0)
            outbox.add(session, told, message, at=at)
    return message


def _refuse_disorder(*moments: datetime) -> None:
    if any(later < earlier for earlier, later in itertools.pairwise(moments)):
        raise HistoryImpossible(errors={"times": ["Out of order, or to come."]})
