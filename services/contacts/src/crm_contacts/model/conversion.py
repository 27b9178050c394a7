"""Our answer to a lead's conversion."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate
from crm_contacts.model.root import Base
from crm_contacts.model.values import ConversionStatus


class LeadConversion(Aggregate, Base):
    """What one lead became here, or why not; one per lead, answered anew when asked anew."""

    __tablename__ = "lead_conversion"

    lead_id: Mapped[UUID]
    lead_version: Mapped[int] = mapped_column(default=0)
    status: Mapped[ConversionStatus] = mapped_column(default=ConversionStatus.REFUSED)
    contact_id: Mapped[UUID | None] = mapped_column(default=None)
    account_id: Mapped[UUID | None] = mapped_column(default=None)
    reason: Mapped[str | None] = mapped_column(default=None)
    candidates: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default_factory=list)

    def match(self, *, contact_id: UUID, account_id: UUID | None) -> None:
        """The lead is this contact, and belongs to this account."""
        self.status, self.reason, self.candidates = ConversionStatus.MATCHED, None, []
        self.contact_id, self.account_id = contact_id, account_id

    def refuse(self, reason: str, candidates: Sequence[tuple[str, UUID, str]] = ()) -> None:
        """The lead cannot be matched; `candidates` are (kind, id, why) of those it may mean."""
        self.status, self.reason = ConversionStatus.REFUSED, reason
        self.contact_id = self.account_id = None
        self.candidates = [
            {"type": kind, "id": str(record_id), "reason": why}
            for kind, record_id, why in candidates
        ]
