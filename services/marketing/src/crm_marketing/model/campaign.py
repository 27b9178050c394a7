"""Campaigns and enrollments."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis import ids
from crm_chassis.db import Aggregate
from crm_marketing.model.errors import (
    CampaignActive,
    CampaignDone,
    CampaignIncomplete,
    CampaignNotActive,
)
from crm_marketing.model.rendering import Content
from crm_marketing.model.root import Base
from crm_marketing.model.values import CampaignStatus


class Campaign(Aggregate, Base):
    """A message to every contact enrolled: its segment's members, or those an origin names.

    `enrolling` while members of the segment may still be without an enrollment.
    """

    __tablename__ = "campaign"

    name: Mapped[str]
    type: Mapped[str] = mapped_column(default="email")
    segment_id: Mapped[UUID | None] = mapped_column(default=None)
    template_id: Mapped[UUID | None] = mapped_column(default=None)
    subject: Mapped[str | None] = mapped_column(default=None)
    body_text: Mapped[str | None] = mapped_column(default=None)
    body_html: Mapped[str | None] = mapped_column(default=None)
    status: Mapped[CampaignStatus] = mapped_column(default=CampaignStatus.DRAFT)
    origin_key: Mapped[str | None] = mapped_column(default=None)
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    completed_at: Mapped[datetime | None] = mapped_column(default=None)
    enrolling: Mapped[bool] = mapped_column(default=False)

    @property
    def is_active(self) -> bool:
        return self.status is CampaignStatus.ACTIVE

    @property
    def may_change_content(self) -> bool:
        return self.status in {CampaignStatus.DRAFT, CampaignStatus.PAUSED}

    @property
    def own_content(self) -> Content | None:
        """What it says itself, None where its template speaks."""
        if self.subject is None or self.body_text is None:
            return None
        return Content(subject=self.subject, body_text=self.body_text, body_html=self.body_html)

    def launch(self, *, at: datetime) -> None:
        """Start, or go on after a pause. Raises CampaignDone, CampaignIncomplete."""
        if self.status is CampaignStatus.DONE:
            raise CampaignDone(self.id)
        if self.own_content is None and self.template_id is None:
            raise CampaignIncomplete(self.id, errors={"template_id": ["Or subject and body_text."]})
        if self.segment_id is None and self.origin_key is None:
            raise CampaignIncomplete(self.id, errors={"segment_id": ["Who shall get it?"]})
        self.status = CampaignStatus.ACTIVE
        self.started_at = self.started_at or at
        self.enrolling = self.segment_id is not None

    def pause(self) -> None:
        """Send nothing more until launched again. Raises CampaignNotActive."""
        if not self.is_active:
            raise CampaignNotActive(self.id)
        self.status = CampaignStatus.PAUSED

    def complete(self, *, at: datetime) -> None:
        """Nothing is left to send."""
        self.status, self.completed_at = CampaignStatus.DONE, at

    def require_idle(self) -> None:
        """Raise CampaignActive while it sends."""
        if self.is_active:
            raise CampaignActive(self.id)


class CampaignTally(Aggregate, Base):
    """What became of a campaign; apart from it, so that counting never stales a form."""

    __tablename__ = "campaign_tally"

    campaign_id: Mapped[UUID]
    enrolled: Mapped[int] = mapped_column(default=0)
    queued: Mapped[int] = mapped_column(default=0)
    sent: Mapped[int] = mapped_column(default=0)
    unsure: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    suppressed: Mapped[int] = mapped_column(default=0)
    opened: Mapped[int] = mapped_column(default=0)
    clicked: Mapped[int] = mapped_column(default=0)

    @staticmethod
    def id_of(campaign_id: UUID) -> UUID:
        """The only tally of a campaign."""
        return ids.derived("campaign_tally", campaign_id)


class Enrollment(Aggregate, Base):
    """A contact's place in a campaign; once per campaign and contact, for ever."""

    __tablename__ = "enrollment"

    campaign_id: Mapped[UUID]
    campaign_name: Mapped[str]
    contact_id: Mapped[UUID]
    reason: Mapped[str]
    enrolled_at: Mapped[datetime]
