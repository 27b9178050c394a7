"""What marketing tells: one function per fact, the model in, the announcement out."""

from crm_chassis.outbox import Announcement, record_fields
from crm_contracts import marketing as contracts
from crm_marketing.model.campaign import Campaign, CampaignTally, Enrollment
from crm_marketing.model.message import Message
from crm_marketing.model.repointing import Repointing
from crm_marketing.model.segment import Segment, SegmentMembership, SegmentTally
from crm_marketing.model.template import Template


def segment_created(segment: Segment) -> Announcement:
    return Announcement(contracts.SegmentCreated, segment_record(segment))


def segment_updated(segment: Segment) -> Announcement:
    return Announcement(contracts.SegmentUpdated, segment_record(segment))


def segment_archived(segment: Segment) -> Announcement:
    return Announcement(contracts.SegmentArchived, segment_record(segment))


def segment_restored(segment: Segment) -> Announcement:
    return Announcement(contracts.SegmentRestored, segment_record(segment))


def segment_tally_counted(tally: SegmentTally) -> Announcement:
    return Announcement(contracts.SegmentTallyCounted, segment_tally_record(tally))


def segment_entered(membership: SegmentMembership) -> Announcement:
    return Announcement(contracts.SegmentEntered, membership_record(membership))


def segment_left(membership: SegmentMembership) -> Announcement:
    return Announcement(contracts.SegmentLeft, membership_record(membership))


def template_created(template: Template) -> Announcement:
    return Announcement(contracts.TemplateCreated, template_record(template))


def template_updated(template: Template) -> Announcement:
    return Announcement(contracts.TemplateUpdated, template_record(template))


def template_archived(template: Template) -> Announcement:
    return Announcement(contracts.TemplateArchived, template_record(template))


def template_restored(template: Template) -> Announcement:
    return Announcement(contracts.TemplateRestored, template_record(template))


def campaign_created(campaign: Campaign) -> Announcement:
    return Announcement(contracts.CampaignCreated, campaign_record(campaign))


def campaign_updated(campaign: Campaign) -> Announcement:
    return Announcement(contracts.CampaignUpdated, campaign_record(campaign))


def campaign_started(campaign: Campaign) -> Announcement:
    return Announcement(contracts.CampaignStarted, campaign_record(campaign))


def campaign_completed(campaign: Campaign) -> Announcement:
    return Announcement(contracts.CampaignCompleted, campaign_record(campaign))


def campaign_archived(campaign: Campaign) -> Announcement:
    return Announcement(contracts.CampaignArchived, campaign_record(campaign))


def campaign_restored(campaign: Campaign) -> Announcement:
    return Announcement(contracts.CampaignRestored, campaign_record(campaign))


def campaign_tally_counted(tally: CampaignTally) -> Announcement:
    return Announcement(contracts.CampaignTallyCounted, campaign_tally_record(tally))


def enrollment_created(enrollment: Enrollment) -> Announcement:
    return Announcement(contracts.EnrollmentCreated, enrollment_record(enrollment))


def message_queued(message: Message) -> Announcement:
    return Announcement(contracts.MessageQueued, message_record(message))


def message_sent(message: Message) -> Announcement:
    return Announcement(contracts.MessageSent, message_record(message))


def message_failed(message: Message) -> Announcement:
    return Announcement(contracts.MessageFailed, message_record(message))


def message_suppressed(message: Message) -> Announcement:
    return Announcement(contracts.MessageSuppressed, message_record(message))


def message_unsure(message: Message) -> Announcement:
    return Announcement(contracts.MessageUnsure, message_record(message))


def message_opened(message: Message) -> Announcement:
    return Announcement(contracts.MessageOpened, message_record(message))


def message_clicked(message: Message) -> Announcement:
    return Announcement(contracts.MessageClicked, message_record(message))


def message_unsubscribed(message: Message) -> Announcement:
    return Announcement(contracts.MessageUnsubscribed, message_record(message))


def message_complained(message: Message) -> Announcement:
    return Announcement(contracts.MessageComplained, message_record(message))


def membership_updated(membership: SegmentMembership) -> Announcement:
    return Announcement(contracts.SegmentMembershipUpdated, membership_record(membership))


def enrollment_updated(enrollment: Enrollment) -> Announcement:
    return Announcement(contracts.EnrollmentUpdated, enrollment_record(enrollment))


def message_updated(message: Message) -> Announcement:
    return Announcement(contracts.MessageUpdated, message_record(message))


def references_repointed(repointing: Repointing) -> Announcement:
    return Announcement(contracts.ReferencesRepointed, repointing_record(repointing))


def segment_record(segment: Segment) -> contracts.Segment:
    return contracts.Segment(
        **record_fields(segment),
        name=segment.name,
        type=segment.type.value,
        predicate=segment.predicate,
        snapshot_of_id=segment.snapshot_of_id,
    )


def segment_tally_record(tally: SegmentTally) -> contracts.SegmentTally:
    return contracts.SegmentTally(
        **record_fields(tally), segment_id=tally.segment_id, size=tally.size
    )


def membership_record(membership: SegmentMembership) -> contracts.SegmentMembership:
    return contracts.SegmentMembership(
        **record_fields(membership),
        segment_id=membership.segment_id,
        segment_name=membership.segment_name,
        contact_id=membership.contact_id,
        entered_at=membership.entered_at,
        left_at=membership.left_at,
    )


def template_record(template: Template) -> contracts.Template:
    return contracts.Template(
        **record_fields(template),
        name=template.name,
        subject=template.subject,
        body_text=template.body_text,
        body_html=template.body_html,
    )


def campaign_record(campaign: Campaign) -> contracts.Campaign:
    return contracts.Campaign(
        **record_fields(campaign),
        name=campaign.name,
        type=campaign.type,
        segment_id=campaign.segment_id,
        template_id=campaign.template_id,
        subject=campaign.subject,
        body_text=campaign.body_text,
        body_html=campaign.body_html,
        status=campaign.status.value,
        origin_key=campaign.origin_key,
        started_at=campaign.started_at,
        completed_at=campaign.completed_at,
    )


def campaign_tally_record(tally: CampaignTally) -> contracts.CampaignTally:
    return contracts.CampaignTally(
        **record_fields(tally),
        campaign_id=tally.campaign_id,
        enrolled=tally.enrolled,
        queued=tally.queued,
        sent=tally.sent,
        unsure=tally.unsure,
        failed=tally.failed,
        suppressed=tally.suppressed,
        opened=tally.opened,
        clicked=tally.clicked,
    )


def enrollment_record(enrollment: Enrollment) -> contracts.Enrollment:
    return contracts.Enrollment(
        **record_fields(enrollment),
        campaign_id=enrollment.campaign_id,
        campaign_name=enrollment.campaign_name,
        contact_id=enrollment.contact_id,
        reason=enrollment.reason,
        enrolled_at=enrollment.enrolled_at,
    )


def message_record(message: Message) -> contracts.Message:
    return contracts.Message(
        **record_fields(message),
        campaign_id=message.campaign_id,
        campaign_name=message.campaign_name,
        contact_id=message.contact_id,
        subject=message.subject,
        status=message.status.value,
        suppress_reason=message.suppress_reason and message.suppress_reason.value,
        queued_at=message.queued_at,
        sent_at=message.sent_at,
        opened_at=message.opened_at,
        clicked_at=message.clicked_at,
        open_count=message.open_count,
        unsubscribed_at=message.unsubscribed_at,
        complained_at=message.complained_at,
    )


def repointing_record(repointing: Repointing) -> contracts.Repointing:
    return contracts.Repointing(
        **record_fields(repointing),
        absorbed_id=repointing.absorbed_id,
        absorbed_version=repointing.absorbed_version,
        survivor_id=repointing.survivor_id,
        counts=repointing.counts,
    )
