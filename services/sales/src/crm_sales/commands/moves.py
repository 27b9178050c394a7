"""What can be asked of where a deal stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_sales import events, queries
from crm_sales.commands.holding import held
from crm_sales.commands.stays import follow_deal
from crm_sales.model.deal import Deal
from crm_sales.model.errors import StageNotLost
from crm_sales.model.pipeline import Pipeline, Stage
from crm_sales.model.values import DealStatus, StageCategory

_TOLD = {
    DealStatus.OPEN: events.deal_stage_changed,
    DealStatus.WON: events.deal_won,
    DealStatus.LOST: events.deal_lost,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveDeal:
    """`pipeline_id` must be named to move to a stage of another pipeline."""

    deal_id: UUID
    expected_version: int | None
    stage_id: UUID
    pipeline_id: UUID | None = None
    reason: str | None = None


def move_deal(session: Session, command: MoveDeal, *, now: datetime) -> Deal:
    """Stand in another stage; a won or lost one closes the deal.

    Raises NotFound, StaleVersion, StageNotFound, StageOfAnotherPipeline, DealAlreadyClosed,
    LossNeedsReason, RecordArchived, RulesBroken.
    """
    deal = queries.deal_for_update(session, command.deal_id)
    if deal.stage_id == command.stage_id:
        return deal
    deal.expect(command.expected_version)
    pipeline = queries.pipeline(session, command.pipeline_id or deal.pipeline_id)
    stage = pipeline.stage(command.stage_id)
    return _moved(session, deal, stage, now=now, reason=command.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class WinDeal:
    deal_id: UUID
    expected_version: int | None


def win_deal(session: Session, command: WinDeal, *, now: datetime) -> Deal:
    """Close a deal as won.

    Raises NotFound, StaleVersion, DealAlreadyClosed, RecordArchived, RulesBroken.
    """
    deal = queries.deal_for_update(session, command.deal_id)
    if deal.status is DealStatus.WON:
        return deal
    deal.expect(command.expected_version)
    stage = queries.pipeline(session, deal.pipeline_id).first(StageCategory.WON)
    return _moved(session, deal, stage, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseDeal:
    """Without a stage, into the first lost one of the deal's pipeline."""

    deal_id: UUID
    expected_version: int | None
    reason: str
    stage_id: UUID | None = None


def lose_deal(session: Session, command: LoseDeal, *, now: datetime) -> Deal:
    """Close a deal as lost, with the reason.

    Raises NotFound, StaleVersion, DealAlreadyClosed, LossNeedsReason, StageOfAnotherPipeline,
    StageNotLost, RecordArchived.
    """
    deal = queries.deal_for_update(session, command.deal_id)
    if deal.status is DealStatus.LOST:
        return deal
    deal.expect(command.expected_version)
    pipeline = queries.pipeline(session, deal.pipeline_id)
    lost = pipeline.first(StageCategory.LOST)
    stage = pipeline.stage(command.stage_id) if command.stage_id else lost
    if stage.category is not StageCategory.LOST:
        raise StageNotLost(stage.id)
    return _moved(session, deal, stage, now=now, reason=command.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenDeal:
    """Without a stage, into the open one it stood in last."""

    deal_id: UUID
    expected_version: int | None
    reason: str
    stage_id: UUID | None = None


def reopen_deal(session: Session, command: ReopenDeal, *, now: datetime) -> Deal:
    """Work on a closed deal again.

    Raises NotFound, StaleVersion, StageNotOpen, StageOfAnotherPipeline, RecordArchived.
    """
    deal = queries.deal_for_update(session, command.deal_id)
    if deal.is_open:
        return deal
    deal.expect(command.expected_version)
    pipeline = queries.pipeline(session, deal.pipeline_id)
    with held(session, deal, now=now):
        deal.reopen(_stage_again(session, command, pipeline), reason=command.reason)
    outbox.add(session, events.deal_reopened, deal, at=now)
    follow_deal(session, deal, None, at=now)
    return deal


def _stage_again(session: Session, command: ReopenDeal, pipeline: Pipeline) -> Stage:
    if command.stage_id is not None:
        return pipeline.stage(command.stage_id)
    last = queries.last_open_stage(session, command.deal_id)
    is_here = last is not None and last.pipeline_id == pipeline.id
    return last if last and is_here else pipeline.first(StageCategory.OPEN)


def _moved(
    session: Session, deal: Deal, stage: Stage, *, now: datetime, reason: str | None = None
) -> Deal:
    with held(session, deal, now=now):
        deal.move(stage, at=now, reason=reason)
    outbox.add(session, _TOLD[deal.status], deal, at=now)
    follow_deal(session, deal, queries.open_interval(session, deal.id), at=now)
    return deal
