"""Pipelines and their stages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, Numeric
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm_chassis import ids
from crm_chassis.db import Aggregate
from crm_sales.model.errors import PipelineIncomplete, StageNotFound, StageOfAnotherPipeline
from crm_sales.model.root import Base
from crm_sales.model.values import CERTAIN, IMPOSSIBLE, StageCategory


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePlan:
    """One stage as asked for; `stage_id` names the existing stage it continues."""

    name: str
    category: StageCategory = StageCategory.OPEN
    probability: Decimal = IMPOSSIBLE
    rot_days: int | None = None
    stage_id: UUID | None = None


class Stage(Base):
    """One step of a pipeline. Won is certain and lost impossible, whatever was asked."""

    __tablename__ = "stage"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    pipeline_id: Mapped[UUID] = mapped_column(ForeignKey("pipeline.id"))
    name: Mapped[str]
    position: Mapped[int]
    category: Mapped[StageCategory]
    probability: Mapped[Decimal] = mapped_column(Numeric(5, 4))
    rot_days: Mapped[int | None] = mapped_column(default=None)
    # Deals keep the stage's name; a timer carries a new name to them, this marks that it must.
    renamed_at: Mapped[datetime | None] = mapped_column(default=None)

    def revise(self, plan: StagePlan, *, position: int, at: datetime) -> None:
        """Take over what is planned; a new name is marked so that the deals follow."""
        if plan.name != self.name:
            self.name, self.renamed_at = plan.name, at
        self.position, self.category, self.rot_days = position, plan.category, plan.rot_days
        self.probability = probability_of(plan)


class Pipeline(Aggregate, Base):
    """An ordered way from the first open stage to the won stage or a lost one."""

    __tablename__ = "pipeline"

    name: Mapped[str]
    currency: Mapped[str | None] = mapped_column(default=None)
    is_default: Mapped[bool] = mapped_column(default=False)
    stages: Mapped[list[Stage]] = relationship(
        order_by=Stage.position, lazy="selectin", cascade="all, delete-orphan", default_factory=list
    )

    def plan(self, plans: Sequence[StagePlan], *, at: datetime) -> None:
        """Make the stages those of `plans`, in order. Raises PipelineIncomplete, StageNotFound."""
        refuse_incomplete(plan.category for plan in plans)
        known = {stage.id: stage for stage in self.stages}
        self.stages = [
            self._stage(plan, known, position=position, at=at)
            for position, plan in enumerate(plans, start=1)
        ]

    def _stage(
        self, plan: StagePlan, known: dict[UUID, Stage], *, position: int, at: datetime
    ) -> Stage:
        if plan.stage_id is not None:
            stage = known.pop(plan.stage_id, None)
            if stage is None:
                raise StageNotFound(plan.stage_id)
            stage.revise(plan, position=position, at=at)
            return stage
        return Stage(
            id=ids.new(),
            pipeline_id=self.id,
            name=plan.name,
            position=position,
            category=plan.category,
            probability=probability_of(plan),
            rot_days=plan.rot_days,
        )

    def stage(self, stage_id: UUID) -> Stage:
        """The stage of this id. Raises StageOfAnotherPipeline."""
        for stage in self.stages:
            if stage.id == stage_id:
                return stage
        raise StageOfAnotherPipeline(stage_id)

    def first(self, category: StageCategory) -> Stage:
        """The first stage of the category; every pipeline has one of each."""
        return next(stage for stage in self.stages if stage.category is category)


def probability_of(plan: StagePlan) -> Decimal:
    """What was planned for an open stage; 1 when won, 0 when lost."""
    fixed = {StageCategory.WON: CERTAIN, StageCategory.LOST: IMPOSSIBLE}
    return fixed.get(plan.category, plan.probability)


def refuse_incomplete(categories: Iterable[StageCategory]) -> None:
    """Raise PipelineIncomplete unless there is an open, a lost and exactly one won stage."""
    found = list(categories)
    if (
        StageCategory.OPEN not in found
        or StageCategory.LOST not in found
        or found.count(StageCategory.WON) != 1
    ):
        raise PipelineIncomplete(errors={"stages": [str(PipelineIncomplete.__doc__)]})


def default_plans() -> tuple[StagePlan, ...]:
    """The stages of the pipeline a new deployment starts with."""
    return (
        StagePlan(name="Qualification", probability=Decimal("0.10"), rot_days=14),
        StagePlan(name="Discovery", probability=Decimal("0.25"), rot_days=14),
        StagePlan(name="Proposal", probability=Decimal("0.50"), rot_days=21),
        StagePlan(name="Negotiation", probability=Decimal("0.75"), rot_days=21),
        StagePlan(name="Won", category=StageCategory.WON),
        StagePlan(name="Lost", category=StageCategory.LOST),
    )
