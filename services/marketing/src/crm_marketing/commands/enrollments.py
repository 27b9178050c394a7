"""Enrolling contacts in campaigns: one message each, for ever."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import ids, outbox
from crm_chassis.project import refer_all
from crm_marketing import events
from crm_marketing.commands.tallies import open_campaign_tally
from crm_marketing.model import rendering
from crm_marketing.model.campaign import Campaign, Enrollment
from crm_marketing.model.message import Addressee, Message, idempotency_key
from crm_marketing.model.rendering import Content
from crm_marketing.model.template import Template
from crm_marketing.model.values import ONBOARDING, CampaignStatus
from crm_marketing.queries import marks, records, sending

AT_ONCE = 500
WELCOME = Content(
    subject='Welcome, {{ first_name|default("and thank you") }}',
    body_text='Dear {{ name|default("customer") }},\n\nthank you for your trust. We will be in '
    "touch within a day to plan the first steps with you.\n",
    body_html='<p>Dear {{ name|default("customer") }},</p><p>thank you for your trust. We will be '
    "in touch within a day to plan the first steps with you.</p>",
)


def enroll_members(session: Session, *, now: datetime) -> bool:
    """Enroll the next members of a launched campaign's segment; False when none is waiting."""
    campaign = sending.campaign_enrolling(session)
    if campaign is None:
        return False
    contact_ids = sending.members_to_enroll(session, campaign, limit=AT_ONCE)
    if contact_ids:
        enrollments = {contact_id: ids.new() for contact_id in contact_ids}
        enroll(session, campaign, enrollments, reason="segment", now=now)
    else:
        sending.stop_enrolling(session, campaign)
        marks.leave(session, marks.CAMPAIGNS, [campaign.id])
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """Onboard the contact of a won deal."""

    deal_id: UUID
    contact_id: UUID


def welcome(session: Session, command: Welcome, *, now: datetime) -> None:
    """Enroll the contact in the onboarding campaign, once per deal and once per contact.

    Nothing happens where that campaign has been archived.
    """
    campaign = records.campaign_of_origin(session, ONBOARDING)
    campaign = campaign or _make_onboarding(session, now=now)
    enrollment_id = ids.derived(ONBOARDING, command.deal_id)
    if campaign.archived_at is not None or records.is_enrolled(session, enrollment_id):
        return
    contact_id = refer_all(session, "contact_copy", [command.contact_id])[command.contact_id]
    if not records.enrolled_among(session, campaign.id, [contact_id]):
        enroll(session, campaign, {contact_id: enrollment_id}, reason=ONBOARDING, now=now)


def enroll(
    session: Session,
    campaign: Campaign,
    enrollments: Mapping[UUID, UUID],
    *,
    reason: str,
    now: datetime,
) -> None:
    """Enroll contacts that are not, with a message intent each. `enrollments`: contact -> id."""
    content = records.content_of(session, campaign)
    if content is None:
        return
    addressees = records.addressees(session, list(enrollments))
    for contact_id in sorted(enrollments):
        enrollment = new_enrollment(campaign, contact_id, reason=reason, at=now)
        enrollment.id = enrollments[contact_id]
        outbox.add(session, events.enrollment_created, enrollment, at=now)
        _queue(session, campaign, content, addressees[contact_id], now=now)
    marks.leave(session, marks.CAMPAIGNS, [campaign.id])


def new_enrollment(
    campaign: Campaign, contact_id: UUID, *, reason: str, at: datetime
) -> Enrollment:
    """Return a place in the campaign, as visible as the campaign is."""
    return Enrollment(
        campaign_id=campaign.id,
        campaign_name=campaign.name,
        contact_id=contact_id,
        reason=reason,
        enrolled_at=at,
        owner_id=campaign.owner_id,
        team_id=campaign.team_id,
        visibility=campaign.visibility,
    )


def new_message(campaign: Campaign, contact_id: UUID, *, subject: str, at: datetime) -> Message:
    """Return the campaign's only message to a contact."""
    return Message(
        campaign_id=campaign.id,
        campaign_name=campaign.name,
        contact_id=contact_id,
        idempotency_key=idempotency_key(campaign.id, contact_id),
        subject=subject,
        queued_at=at,
        owner_id=campaign.owner_id,
        team_id=campaign.team_id,
        visibility=campaign.visibility,
    )


def _queue(
    session: Session,
    campaign: Campaign,
    content: Content,
    addressee: Addressee,
    *,
    now: datetime,
) -> None:
    try:
        subject = rendering.subject(content, addressee.variables)
    except rendering.Unrenderable:
        subject = content.subject  # whoever it is may be known better when it is sent
    message = new_message(campaign, addressee.contact_id, subject=subject, at=now)
    reason = addressee.suppress_reason
    if reason is not None:
        message.suppress(reason)
        outbox.add(session, events.message_suppressed, message, at=now)
        return
    message.due_at = now
    outbox.add(session, events.message_queued, message, at=now)


def _make_onboarding(session: Session, *, now: datetime) -> Campaign:
    template = Template(
        id=ids.derived("template", ONBOARDING),
        name="Onboarding",
        subject=WELCOME.subject,
        body_text=WELCOME.body_text,
        body_html=WELCOME.body_html,
    )
    campaign = Campaign(
        id=ids.derived("campaign", ONBOARDING),
        name="Onboarding",
        template_id=template.id,
        status=CampaignStatus.ACTIVE,
        origin_key=ONBOARDING,
        started_at=now,
    )
    told: Sequence[tuple[outbox.Factory, Template | Campaign]] = (
        (events.template_created, template),
        (events.campaign_created, campaign),
    )
    for factory, aggregate in told:
        outbox.add(session, factory, aggregate, at=now)
        session.flush()
    open_campaign_tally(session, campaign, now=now)
    return campaign
