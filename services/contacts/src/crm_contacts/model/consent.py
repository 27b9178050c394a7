"""What people allow us, as a record that only grows."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate
from crm_contacts.model.root import Base

MARKETING = "marketing"


class Channel(StrEnum):
    """How somebody may be reached."""

    EMAIL = "email"
    PHONE = "phone"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    CHAT = "chat"
    SOCIAL = "social"
    POST = "post"


class ConsentStatus(StrEnum):
    """What somebody said."""

    GRANTED = "granted"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    PENDING = "pending"
    EXPIRED = "expired"


class LegalBasis(StrEnum):
    """What the law lets us write on."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGITIMATE_INTEREST = "legitimate_interest"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL = "vital"
    PUBLIC_TASK = "public_task"


_REFUSED = frozenset({ConsentStatus.DENIED, ConsentStatus.WITHDRAWN})


class Consent(Aggregate, Base):
    """One thing said at one time; never changed, only followed by another."""

    __tablename__ = "consent"

    contact_id: Mapped[UUID]
    channel: Mapped[Channel]
    purpose: Mapped[str]
    status: Mapped[ConsentStatus]
    at: Mapped[datetime]
    legal_basis: Mapped[LegalBasis] = mapped_column(default=LegalBasis.CONSENT)
    source: Mapped[str | None] = mapped_column(default=None)
    evidence: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    expires_at: Mapped[datetime | None] = mapped_column(default=None)

    @property
    def forbids(self) -> bool:
        """Whether it says no."""
        return self.status in _REFUSED


def current(said: Iterable[Consent]) -> Consent | None:
    """What counts of all that was said of one channel and purpose: the last by `at`.

    Of two at the same time the one that says no counts: consent never grows by accident.
    """
    return max(said, key=lambda each: (each.at, each.forbids, each.id), default=None)
