"""What the marketing service publishes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from crm_contracts import merging
from crm_contracts.base import Fact, Record
from crm_contracts.marketing.mails import (
    Message,
    MessageClicked,
    MessageComplained,
    MessageFailed,
    MessageOpened,
    MessageQueued,
    MessageSent,
    MessageSuppressed,
    MessageUnsubscribed,
    MessageUnsure,
    MessageUpdated,
)

__all__ = [
    "Campaign",
    "CampaignArchived",
    "CampaignCompleted",
    "CampaignCreated",
    "CampaignRestored",
    "CampaignStarted",
    "CampaignTally",
    "CampaignTallyCounted",
    "CampaignUpdated",
    "Enrollment",
    "EnrollmentCreated",
    "EnrollmentUpdated",
    "Message",
    "MessageClicked",
    "MessageComplained",
    "MessageFailed",
    "MessageOpened",
    "MessageQueued",
    "MessageSent",
    "MessageSuppressed",
    "MessageUnsubscribed",
    "MessageUnsure",
    "MessageUpdated",
    "ReferencesRepointed",
    "Repointing",
    "Segment",
    "SegmentArchived",
    "SegmentCreated",
    "SegmentEntered",
    "SegmentLeft",
    "SegmentMembership",
    "SegmentMembershipUpdated",
    "SegmentRestored",
    "SegmentTally",
    "SegmentTallyCounted",
    "SegmentUpdated",
    "Template",
    "TemplateArchived",
    "TemplateCreated",
    "TemplateRestored",
    "TemplateUpdated",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment(Record):
    """A set of contacts: named one by one (static) or by a predicate (dynamic)."""

    service: ClassVar[str] = "marketing"
    kind: ClassVar[str] = "segment"
    plural: ClassVar[str] = "segments"

    name: str
    type: str
    predicate: dict[str, Any] | None = None
    snapshot_of_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentTally(Record):
    """How many contacts are in a segment."""

    service: ClassVar[str] = "marketing"
    kind: ClassVar[str] = "segment_tally"
    plural: ClassVar[str] = "segment_tallies"

    segment_id: UUID
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentMembership(Record):
    """A contact's stay in a segment; `left_at` is null while it lasts."""

    service: ClassVar[str] = "marketing"
    kind: ClassVar[str] = "segment_membership"
    plural: ClassVar[str] = "segment_memberships"

    segment_id: UUID
    segment_name: str
    contact_id: UUID
    entered_at: datetime
    left_at: datetime | None = None

    def customers(self) -> frozenset[UUID]:
        return frozenset((self.contact_id,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Template(Record):
    """A message to fill in for each contact."""

    service: ClassVar[str] = "marketing"
    kind: ClassVar[str] = "template"
    plural: ClassVar[str] = "templates"

    name: str
    subject: str
    body_text: str
    body_html: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign(Record):
    """A message sent to every contact enrolled; `status` is draft, active, paused or done."""

    service: ClassVar[str] = "marketing"
    kind: ClassVar[str] = "campaign"
    plural: ClassVar[str] = "campaigns"

    name: str
    type: str = "email"
    segment_id: UUID | None = None
    template_id: UUID | None = None
    subject: str | None = None
    body_text: str | None = None
    body_html: str | None = None
    status: str
    origin_key: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignTally(Record):
    """How many contacts a campaign enrolled, and what became of its messages."""

    service: ClassVar[str] = "marketing"
    kind: ClassVar[str] = "campaign_tally"
    plural: ClassVar[str] = "campaign_tallies"

    campaign_id: UUID
    enrolled: int
    queued: int
    sent: int
    unsure: int
    failed: int
    suppressed: int
    opened: int
    clicked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrollment(Record):
    """A contact's place in a campaign, and why it was enrolled."""

    service: ClassVar[str] = "marketing"
    kind: ClassVar[str] = "enrollment"
    plural: ClassVar[str] = "enrollments"

    campaign_id: UUID
    campaign_name: str
    contact_id: UUID
    reason: str
    enrolled_at: datetime

    def customers(self) -> frozenset[UUID]:
        return frozenset((self.contact_id,))


class SegmentCreated(Fact[Segment], type="marketing.segment.created.v1"):
    """A segment was created."""


class SegmentUpdated(Fact[Segment], type="marketing.segment.updated.v1"):
    """A segment's name or predicate changed."""


class SegmentArchived(Fact[Segment], type="marketing.segment.archived.v1"):
    """A segment was archived."""


class SegmentRestored(Fact[Segment], type="marketing.segment.restored.v1"):
    """An archived segment was brought back."""


class SegmentTallyCounted(Fact[SegmentTally], type="marketing.segment_tally.counted.v1"):
    """The number of contacts in a segment changed."""


class SegmentEntered(
    Fact[SegmentMembership],
    type="marketing.segment.entered.v1",
    title="Entered segment: {segment_name}",
    at="entered_at",
):
    """A contact entered a segment."""


class SegmentLeft(
    Fact[SegmentMembership], type="marketing.segment.left.v1",
    title="Left segment: {segment_name}", at="left_at",
):  # fmt: skip
    """A contact left a segment."""


class TemplateCreated(Fact[Template], type="marketing.template.created.v1"):
    """A template was created."""


class TemplateUpdated(Fact[Template], type="marketing.template.updated.v1"):
    """A template changed."""


class TemplateArchived(Fact[Template], type="marketing.template.archived.v1"):
    """A template was archived."""


class TemplateRestored(Fact[Template], type="marketing.template.restored.v1"):
    """An archived template was brought back."""


class CampaignCreated(Fact[Campaign], type="marketing.campaign.created.v1"):
    """A campaign was created."""


class CampaignUpdated(Fact[Campaign], type="marketing.campaign.updated.v1"):
    """A campaign changed, was paused, or was resumed."""


class CampaignStarted(Fact[Campaign], type="marketing.campaign.started.v1"):
    """A campaign was launched and enrols its segment."""


class CampaignCompleted(Fact[Campaign], type="marketing.campaign.completed.v1"):
    """A campaign has nothing left to send."""


class CampaignArchived(Fact[Campaign], type="marketing.campaign.archived.v1"):
    """A campaign was archived."""


class CampaignRestored(Fact[Campaign], type="marketing.campaign.restored.v1"):
    """An archived campaign was brought back."""


class CampaignTallyCounted(Fact[CampaignTally], type="marketing.campaign_tally.counted.v1"):
    """The number of contacts enrolled, or of messages in some state, changed."""


class EnrollmentCreated(
    Fact[Enrollment],
    type="marketing.enrollment.created.v1",
    title="Enrolled in campaign: {campaign_name}",
    at="enrolled_at",
):
    """A contact was enrolled in a campaign."""


class SegmentMembershipUpdated(
    Fact[SegmentMembership], type="marketing.segment_membership.updated.v1"
):
    """A stay is another contact's now, for two were merged or a merge was undone."""


class EnrollmentUpdated(Fact[Enrollment], type="marketing.enrollment.updated.v1"):
    """An enrollment is another contact's now, for two were merged or a merge was undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repointing(merging.Repointing):
    """What marketing moved after a merge."""

    service: ClassVar[str] = "marketing"


class ReferencesRepointed(Fact[Repointing], type="marketing.references.repointed.v1"):
    """Marketing has followed a merge of contacts, or its undoing."""
