"""One message of a ticket's conversation."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate
from crm_support.model.root import Base
from crm_support.model.values import Direction, MessageVisibility


class TicketMessage(Aggregate, Base):
    """Written once, never changed: from the customer, to the customer, or among ourselves."""

    __tablename__ = "ticket_message"

    ticket_id: Mapped[UUID]
    requester_id: Mapped[UUID | None]
    direction: Mapped[Direction]
    body: Mapped[str]
    author: Mapped[str]
    sent_at: Mapped[datetime]
    # Named `visibility` outside; that column of a row says who of us may see the record.
    audience: Mapped[MessageVisibility] = mapped_column(default=MessageVisibility.PUBLIC)

    @property
    def is_answer(self) -> bool:
        """Whether the customer hears from us; a note among ourselves answers nobody."""
        return self.direction is Direction.OUT and self.audience is MessageVisibility.PUBLIC

    @property
    def is_question(self) -> bool:
        return self.direction is Direction.IN
