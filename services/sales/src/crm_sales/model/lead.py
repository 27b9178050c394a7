"""A lead: somebody who may become a contact, an account and a deal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate, Money, money_columns
from crm_sales.model.errors import LeadNotDisqualified, LeadNotOpen, RecordArchived
from crm_sales.model.root import Base
from crm_sales.model.values import LeadRating, LeadStatus

OPEN_STATUSES = frozenset(
    {LeadStatus.NEW, LeadStatus.WORKING, LeadStatus.NURTURING, LeadStatus.QUALIFIED}
)


class Lead(Aggregate, Base):
    """new -> working -> nurturing -> qualified -> converting -> converted; or disqualified."""

    __tablename__ = "lead"

    first_name: Mapped[str | None] = mapped_column(default=None)
    last_name: Mapped[str | None] = mapped_column(default=None)
    email: Mapped[str | None] = mapped_column(default=None)
    phone: Mapped[str | None] = mapped_column(default=None)
    company: Mapped[str | None] = mapped_column(default=None)
    job_title: Mapped[str | None] = mapped_column(default=None)
    source: Mapped[str | None] = mapped_column(default=None)
    medium: Mapped[str | None] = mapped_column(default=None)
    status: Mapped[LeadStatus] = mapped_column(default=LeadStatus.NEW)
    rating: Mapped[LeadRating | None] = mapped_column(default=None)
    contact_id: Mapped[UUID | None] = mapped_column(default=None)
    account_id: Mapped[UUID | None] = mapped_column(default=None)
    deal_id: Mapped[UUID | None] = mapped_column(default=None)
    converted_at: Mapped[datetime | None] = mapped_column(default=None)
    disqualified_reason: Mapped[str | None] = mapped_column(default=None)
    conversion_requested_at: Mapped[datetime | None] = mapped_column(default=None)
    conversion_refused_reason: Mapped[str | None] = mapped_column(default=None)
    candidates: Mapped[list[Any]] = mapped_column(JSONB, default_factory=list)
    custom: Mapped[dict[str, Any]] = mapped_column(JSONB, default_factory=dict)
    secret: Mapped[dict[str, Any]] = mapped_column(JSONB, default_factory=dict)
    # What was asked with the conversion, kept until the answer of contacts arrives.
    create_deal: Mapped[bool] = mapped_column(default=False)
    deal_name: Mapped[str | None] = mapped_column(default=None)
    deal_amount: Mapped[Money | None] = money_columns("deal_amount")

    @property
    def name(self) -> str:
        """The person's name, else the company's, else the address: never empty for a listed lead."""
        person = " ".join(part for part in (self.first_name, self.last_name) if part)
        return person or self.company or self.email or self.phone or ""

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES

    @property
    def wanted_deal_name(self) -> str:
        return self.deal_name or self.company or self.name

    def revise(self, changes: Mapping[str, Any]) -> bool:
        """Take over the named fields; say whether anything changed. Raises LeadNotOpen."""
        self.refuse_closed()
        different = {key: value for key, value in changes.items() if getattr(self, key) != value}
        for key, value in different.items():
            setattr(self, key, value)
        return bool(different)

    def assign(self, owner_id: UUID | None, team_id: UUID | None) -> None:
        """Give to an owner, a team, both or nobody. Raises LeadNotOpen."""
        self.refuse_closed()
        self.owner_id, self.team_id = owner_id, team_id

    def qualify(self) -> None:
        """Say that it is worth a deal. Raises LeadNotOpen."""
        self.refuse_closed()
        self.status = LeadStatus.QUALIFIED

    def disqualify(self, *, reason: str) -> None:
        """Say that nothing will come of it, and why. Raises LeadNotOpen."""
        self.refuse_closed()
        self.status, self.disqualified_reason = LeadStatus.DISQUALIFIED, reason

    def recycle(self) -> None:
        """Work on a disqualified lead again. Raises LeadNotDisqualified."""
        self.refuse_archived()
        if self.status is not LeadStatus.DISQUALIFIED:
            raise LeadNotDisqualified(self.id)
        self.status, self.disqualified_reason = LeadStatus.WORKING, None

    def request_conversion(self, *, at: datetime) -> None:
        """Wait for contacts to match or make the person and the company. Raises LeadNotOpen."""
        self.refuse_closed()
        self.status, self.conversion_requested_at = LeadStatus.CONVERTING, at
        self.conversion_refused_reason, self.candidates = None, []

    def return_unconverted(self, *, reason: str | None, candidates: Sequence[Any]) -> None:
        """Contacts refused: qualified again, with the reason and whom it could be."""
        self.status = LeadStatus.QUALIFIED
        self.conversion_refused_reason, self.candidates = reason or "refused", list(candidates)

    def convert(
        self,
        *,
        contact_id: UUID | None,
        account_id: UUID | None,
        deal_id: UUID | None,
        at: datetime,
    ) -> None:
        """Become a contact, an account and perhaps a deal; nothing changes after that."""
        self.contact_id, self.account_id, self.deal_id = contact_id, account_id, deal_id
        self.status, self.converted_at = LeadStatus.CONVERTED, at

    def refuse_archived(self) -> None:
        if self.archived_at is not None:
            raise RecordArchived(self.id)

    def refuse_closed(self) -> None:
        self.refuse_archived()
        if not self.is_open:
            raise LeadNotOpen(self.id)
