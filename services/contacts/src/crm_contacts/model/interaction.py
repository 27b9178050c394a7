"""Something that passed between a customer and us."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate
from crm_contacts.model.root import Base, Subjects
from crm_contacts.model.values import InteractionType, Subject


class Interaction(Aggregate, Base):
    """A call, a mail, a meeting …; never changed once logged."""

    __tablename__ = "interaction"

    type: Mapped[InteractionType]
    at: Mapped[datetime]
    direction: Mapped[str | None] = mapped_column(default=None)
    duration_seconds: Mapped[int | None] = mapped_column(default=None)
    subject: Mapped[str | None] = mapped_column(default=None)
    summary: Mapped[str | None] = mapped_column(default=None)
    subjects: Mapped[tuple[Subject, ...]] = mapped_column(Subjects, default=())
    source_service: Mapped[str | None] = mapped_column(default=None)
    source_id: Mapped[str | None] = mapped_column(default=None)
    outcome: Mapped[str | None] = mapped_column(default=None)
    event: Mapped[str | None] = mapped_column(default=None)
    properties: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
