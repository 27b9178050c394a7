"""A deal: what it is worth, where it stands, how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Numeric, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate, Money, money_columns
from crm_sales.model.errors import (
    DealAlreadyClosed,
    DealNotClosed,
    LossNeedsReason,
    RecordArchived,
    StageNotOpen,
)
from crm_sales.model.pipeline import Stage
from crm_sales.model.root import Base
from crm_sales.model.values import (
    CERTAIN,
    IMPOSSIBLE,
    ContactRole,
    DealStatus,
    ProbabilitySource,
    StageCategory,
)

CENT = Decimal("0.01")


class Deal(Aggregate, Base):
    """Open until it is won or lost; only the verbs below change where it stands."""

    __tablename__ = "deal"

    name: Mapped[str]
    pipeline_id: Mapped[UUID]
    stage_id: Mapped[UUID]
    stage_name: Mapped[str]
    status: Mapped[DealStatus] = mapped_column(default=DealStatus.OPEN)
    stage_probability: Mapped[Decimal] = mapped_column(Numeric(5, 4), default=IMPOSSIBLE)
    manual_probability: Mapped[Decimal | None] = mapped_column(Numeric(5, 4), default=None)
    amount: Mapped[Money | None] = money_columns("amount")
    account_id: Mapped[UUID | None] = mapped_column(default=None)
    primary_contact_id: Mapped[UUID | None] = mapped_column(default=None)
    contact_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default_factory=list)
    contact_roles: Mapped[list[dict[str, str]]] = mapped_column(JSONB, default_factory=list)
    expected_close_on: Mapped[date | None] = mapped_column(default=None)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    lost_reason: Mapped[str | None] = mapped_column(default=None)
    reopened_reason: Mapped[str | None] = mapped_column(default=None)
    source: Mapped[str | None] = mapped_column(default=None)
    lead_id: Mapped[UUID | None] = mapped_column(default=None)
    next_step: Mapped[str | None] = mapped_column(default=None)
    custom: Mapped[dict[str, Any]] = mapped_column(JSONB, default_factory=dict)
    secret: Mapped[dict[str, Any]] = mapped_column(JSONB, default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.status is DealStatus.OPEN

    @property
    def probability_source(self) -> ProbabilitySource:
        manual = self.manual_probability is not None
        return ProbabilitySource.MANUAL if manual else ProbabilitySource.STAGE

    @property
    def probability(self) -> Decimal:
        """Certain or impossible once closed; else the manual one, which outlives stage moves."""
        if self.status is DealStatus.WON:
            return CERTAIN
        if self.status is DealStatus.LOST:
            return IMPOSSIBLE
        manual = self.manual_probability
        return self.stage_probability if manual is None else manual

    @property
    def weighted_amount(self) -> Money | None:
        """Amount times probability, half-even to the cent."""
        if self.amount is None:
            return None
        weighted = (self.amount.amount * self.probability).quantize(CENT, ROUND_HALF_EVEN)
        return Money(weighted, self.amount.currency)

    def start(self, stage: Stage) -> None:
        """Take the first stage. Raises StageNotOpen."""
        if stage.category is not StageCategory.OPEN:
            raise StageNotOpen(stage.id)
        self._stand_in(stage)

    def move(self, stage: Stage, *, at: datetime, reason: str | None = None) -> None:
        """Stand in another stage; entering won or lost closes the deal.

        Raises RecordArchived, DealAlreadyClosed, LossNeedsReason.
        """
        self.refuse_archived()
        if not self.is_open:
            raise DealAlreadyClosed(self.id)
        if stage.category is StageCategory.LOST:
            if not (reason and reason.strip()):
                raise LossNeedsReason(errors={"reason": ["A lost deal needs a reason."]})
            self.lost_reason = reason.strip()
        if stage.category is not StageCategory.OPEN:
            self.closed_at = at
        self._stand_in(stage)

    def reopen(self, stage: Stage, *, reason: str) -> None:
        """Stand in an open stage again. Raises RecordArchived, DealNotClosed, StageNotOpen."""
        self.refuse_archived()
        if self.is_open:
            raise DealNotClosed(self.id)
        if stage.category is not StageCategory.OPEN:
            raise StageNotOpen(stage.id)
        self.closed_at, self.lost_reason, self.reopened_reason = None, None, reason
        self._stand_in(stage)

    def revise(self, changes: Mapping[str, Any]) -> bool:
        """Take over the named fields and nothing else; say whether anything changed.

        `probability` makes the probability manual, None gives it back to the stage; leaving it
        out leaves it alone.
        """
        self.refuse_archived()
        wanted = dict(changes)
        if "probability" in wanted:
            wanted["manual_probability"] = wanted.pop("probability")
        roles = wanted.pop("contact_roles", None)
        before = self.contact_roles
        different = {key: value for key, value in wanted.items() if getattr(self, key) != value}
        for key, value in different.items():
            setattr(self, key, value)
        self.give_roles(roles)
        return bool(different) or before != self.contact_roles

    def give_roles(self, roles: Iterable[ContactRole] | None) -> None:
        """Give these contacts their roles in place of all others; who has one is in the deal.

        None: roles stay, but for those of contacts who are in the deal no more.
        """
        given = [*roles] if roles is not None else None
        there = {self.primary_contact_id, *self.contact_ids}
        added = [each.contact_id for each in given or () if each.contact_id not in there]
        if added:
            self.contact_ids = [*self.contact_ids, *dict.fromkeys(added)]
        kept = [each for each in self.contact_roles if UUID(each["contact_id"]) in there]
        if given is not None:
            by_contact = {str(each.contact_id): each.role for each in given}
            kept = [{"contact_id": id_, "role": role} for id_, role in by_contact.items()]
        if kept != self.contact_roles:
            self.contact_roles = kept

    def refuse_archived(self) -> None:
        if self.archived_at is not None:
            raise RecordArchived(self.id)

    def _stand_in(self, stage: Stage) -> None:
        self.pipeline_id, self.stage_id, self.stage_name = stage.pipeline_id, stage.id, stage.name
        self.status = DealStatus(stage.category.value)
        self.stage_probability = stage.probability
