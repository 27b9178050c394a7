"""What can be asked of campaigns."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_marketing import events
from crm_marketing.commands.changing import expect
from crm_marketing.commands.tallies import is_seen_otherwise, open_campaign_tally
from crm_marketing.model import rendering
from crm_marketing.model.campaign import Campaign
from crm_marketing.model.errors import CampaignStarted
from crm_marketing.model.root import refuse_archived
from crm_marketing.model.values import CampaignStatus
from crm_marketing.queries import marks, records

_CONTENT = frozenset({"segment_id", "template_id", "subject", "body_text", "body_html"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCampaign:
    name: str
    type: str = "email"
    segment_id: UUID | None = None
    template_id: UUID | None = None
    subject: str | None = None
    body_text: str | None = None
    body_html: str | None = None
    owner_id: UUID | None = None
    team_id: UUID | None = None
    visibility: str = "all"


def create_campaign(session: Session, command: CreateCampaign, *, now: datetime) -> Campaign:
    """Draft a campaign. Raises SegmentUnknown, TemplateUnknown, InvalidTemplate."""
    campaign = new_campaign(session, command)
    outbox.add(session, events.campaign_created, campaign, at=now)
    open_campaign_tally(session, campaign, now=now)
    return campaign


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateCampaign:
    campaign_id: UUID
    expected_version: int | None
    changes: Mapping[str, Any]


def update_campaign(session: Session, command: UpdateCampaign, *, now: datetime) -> Campaign:
    """Change a campaign; audience and content while it is a draft or paused only.

    Raises NotFound, StaleVersion, RecordArchived, CampaignStarted, SegmentUnknown,
    TemplateUnknown, InvalidTemplate.
    """
    campaign = records.for_update(session, Campaign, command.campaign_id)
    campaign.expect(command.expected_version)
    refuse_archived(campaign)
    if _CONTENT & command.changes.keys() and not campaign.may_change_content:
        raise CampaignStarted(campaign.id)
    for name, value in command.changes.items():
        setattr(campaign, name, value)
    _check(session, campaign)
    outbox.add(session, events.campaign_updated, campaign, at=now)
    if is_seen_otherwise(command.changes):
        marks.leave(session, marks.CAMPAIGNS, [campaign.id])
    return campaign


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchCampaign:
    campaign_id: UUID
    expected_version: int | None


def launch_campaign(session: Session, command: LaunchCampaign, *, now: datetime) -> Campaign:
    """Enroll the segment's members and write to each once; or go on after a pause.

    Raises NotFound, StaleVersion, RecordArchived, CampaignDone, CampaignIncomplete.
    """
    campaign = records.for_update(session, Campaign, command.campaign_id)
    if campaign.is_active:
        return campaign
    campaign.expect(command.expected_version)
    refuse_archived(campaign)
    is_first = campaign.started_at is None
    campaign.launch(at=now)
    tell = events.campaign_started if is_first else events.campaign_updated
    outbox.add(session, tell, campaign, at=now)
    return campaign


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseCampaign:
    campaign_id: UUID
    expected_version: int | None


def pause_campaign(session: Session, command: PauseCampaign, *, now: datetime) -> Campaign:
    """Send nothing more until it is launched again. Raises NotFound, StaleVersion, …NotActive."""
    campaign = records.for_update(session, Campaign, command.campaign_id)
    if campaign.status is CampaignStatus.PAUSED:
        return campaign
    campaign.expect(command.expected_version)
    campaign.pause()
    outbox.add(session, events.campaign_updated, campaign, at=now)
    return campaign


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveCampaign:
    campaign_id: UUID
    expected_version: int | None


def archive_campaign(session: Session, command: ArchiveCampaign, *, now: datetime) -> Campaign:
    """Put a campaign away. Raises NotFound, StaleVersion, CampaignActive."""
    campaign = records.for_update(session, Campaign, command.campaign_id)
    if campaign.archived_at is not None:
        return campaign
    expect(campaign, command.expected_version)
    campaign.require_idle()
    campaign.archive(at=now)
    outbox.add(session, events.campaign_archived, campaign, at=now)
    return campaign


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreCampaign:
    campaign_id: UUID
    expected_version: int | None


def restore_campaign(session: Session, command: RestoreCampaign, *, now: datetime) -> Campaign:
    """Bring an archived campaign back. Raises NotFound, StaleVersion."""
    campaign = records.for_update(session, Campaign, command.campaign_id)
    if campaign.archived_at is None:
        return campaign
    campaign.expect(command.expected_version)
    campaign.restore()
    outbox.add(session, events.campaign_restored, campaign, at=now)
    return campaign


def new_campaign(session: Session, command: CreateCampaign) -> Campaign:
    """Return a draft that has passed all checks."""
    campaign = Campaign(**asdict(command))
    _check(session, campaign)
    return campaign


def _check(session: Session, campaign: Campaign) -> None:
    records.require_segment(session, campaign.segment_id)
    records.require_template(session, campaign.template_id)
    if campaign.own_content is not None:
        rendering.check(campaign.own_content)
