"""The send ledger."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate
from crm_marketing.model.errors import NothingToRepeat
from crm_marketing.model.root import Base
from crm_marketing.model.values import MOST_ATTEMPTS, MessageStatus, SuppressReason
from crm_marketing.model.wishes import Wishes

RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=10))
_UNDELIVERABLE = frozenset({"invalid", "bounced", "complained", "undeliverable"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """What we know of a contact when we write to it; `is_known` is false for a placeholder."""

    contact_id: UUID
    is_known: bool = False
    is_archived: bool = False
    email: str | None = None
    deliverability: str | None = None
    opted_out: bool = False
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    job_title: str | None = None
    language: str | None = None
    wishes: Wishes = field(default_factory=Wishes)

    @property
    def suppress_reason(self) -> SuppressReason | None:
        """Why nothing is sent, None when something may be; a placeholder is not judged yet."""
        if not self.is_known:
            return None
        if self.is_archived:
            return SuppressReason.ARCHIVED
        if self.email is None:
            return SuppressReason.NO_EMAIL
        if self.opted_out:
            return SuppressReason.OPTED_OUT
        if self.deliverability in _UNDELIVERABLE:
            return SuppressReason.INVALID
        return None

    @property
    def variables(self) -> dict[str, str]:
        """What a template may fill in; what is not known is absent, so that `default` steps in."""
        names = ("name", "first_name", "last_name", "email", "job_title", "language")
        known = {name: getattr(self, name) for name in names}
        return {name: value for name, value in known.items() if value}


class Message(Aggregate, Base):
    """One mail of a campaign to one contact.

    `sending` and the columns after `open_count` are the sender's own marks: they are set without a
    version, for nothing that others may see has changed.
    """

    __tablename__ = "message"

    campaign_id: Mapped[UUID]
    campaign_name: Mapped[str]
    contact_id: Mapped[UUID]
    idempotency_key: Mapped[str]
    subject: Mapped[str]
    queued_at: Mapped[datetime]
    status: Mapped[MessageStatus] = mapped_column(default=MessageStatus.QUEUED)
    suppress_reason: Mapped[SuppressReason | None] = mapped_column(default=None)
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
    opened_at: Mapped[datetime | None] = mapped_column(default=None)
    clicked_at: Mapped[datetime | None] = mapped_column(default=None)
    open_count: Mapped[int] = mapped_column(default=0)
    unsubscribed_at: Mapped[datetime | None] = mapped_column(default=None)
    complained_at: Mapped[datetime | None] = mapped_column(default=None)
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[UUID | None] = mapped_column(default=None)
    claimed_at: Mapped[datetime | None] = mapped_column(default=None)
    failure: Mapped[str | None] = mapped_column(default=None)

    def suppress(self, reason: SuppressReason) -> None:
        """Withhold for good."""
        self.status, self.suppress_reason, self.due_at = MessageStatus.SUPPRESSED, reason, None

    def sent(self, *, at: datetime) -> None:
        """The mail server has it."""
        self.status, self.sent_at, self.due_at = MessageStatus.SENT, at, None

    def fail(self, reason: str) -> None:
        """The mail server will never take it."""
        self.status, self.failure, self.due_at = MessageStatus.FAILED, reason[:500], None

    def doubt(self) -> None:
        """Perhaps it went out; it is not sent again by itself."""
        self.status, self.due_at = MessageStatus.UNSURE, None

    def queue_again(self, *, at: datetime) -> None:
        """Somebody wants it sent after all. Raises NothingToRepeat."""
        if self.status not in {MessageStatus.FAILED, MessageStatus.UNSURE}:
            raise NothingToRepeat(self.id)
        self.status, self.due_at, self.failure = MessageStatus.QUEUED, at, None
        self.attempts, self.claimed_by = 0, None

    def next_try_at(self, now: datetime) -> datetime | None:
        """When to try again what the server put off, None after the last try."""
        if self.attempts >= MOST_ATTEMPTS:
            return None
        return now + RETRY_AFTER[min(self.attempts, len(RETRY_AFTER)) - 1]

    def opened(self, *, at: datetime) -> None:
        """The contact looked at it, once more."""
        self.opened_at = self.opened_at or at
        self.open_count += 1

    def clicked(self, *, at: datetime) -> None:
        """The contact followed a link, which takes opening it first."""
        self.clicked_at = self.clicked_at or at
        if self.opened_at is None:
            self.opened(at=at)

    def unsubscribe(self, *, at: datetime) -> None:
        """The contact wants no more mails, again or for the first time."""
        self.unsubscribed_at = at

    def complain(self, *, at: datetime) -> bool:
        """It was called unwanted; say whether that is new."""
        is_new = self.complained_at is None
        self.complained_at = self.complained_at or at
        return is_new


def idempotency_key(campaign_id: UUID, contact_id: UUID) -> str:
    """What makes a message of a campaign to a contact the only one."""
    return hashlib.sha256(f"{campaign_id}\x1f{contact_id}".encode()).hexdigest()
