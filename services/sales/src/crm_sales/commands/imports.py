"""Records that were made elsewhere and bring their past along."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_sales import events
from crm_sales.commands.deals import CreateDeal, new_deal, pipeline_for
from crm_sales.commands.leads import CaptureLead, new_lead
from crm_sales.commands.stays import follow_deal
from crm_sales.model.deal import Deal
from crm_sales.model.errors import HistoryImpossible
from crm_sales.model.lead import Lead
from crm_sales.model.pipeline import Pipeline
from crm_sales.model.values import LeadStatus, StageCategory


@dataclass(frozen=True, slots=True, kw_only=True)
class PastStage:
    stage_id: UUID
    entered_at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportDeal:
    """`stage_history` is every stage it stood in, oldest first; the last one is where it stands.

    Without it the deal stood in one open stage from creation on, until `closed_at` if its
    `stage_id` is a won or lost one.
    """

    deal: CreateDeal
    created_at: datetime
    closed_at: datetime | None = None
    lost_reason: str | None = None
    stage_history: tuple[PastStage, ...] = ()


def import_deal(session: Session, command: ImportDeal, *, now: datetime) -> Deal:
    """Create a deal as it would be had it lived here; one fact tells of it as it is now.

    Raises HistoryImpossible, StageNotFound, StageOfAnotherPipeline, StageNotOpen, LossNeedsReason,
    Invalid, RulesBroken, ValueTaken.
    """
    first_id = command.stage_history[0].stage_id if command.stage_history else None
    pipeline = pipeline_for(
        session, command.deal.pipeline_id, first_id or command.deal.stage_id, now=now
    )
    first, *later = _steps(command, pipeline)
    _refuse_disorder([command.created_at, *(step.entered_at for step in later), now])
    deal, holding = new_deal(session, command.deal, stage=pipeline.stage(first.stage_id), now=now)
    deal.created_at = command.created_at
    last = later[-1] if later else first
    outbox.add(session, events.deal_created, deal, at=last.entered_at)
    current = follow_deal(session, deal, None, at=command.created_at)
    for step in later:
        stage = pipeline.stage(step.stage_id)
        if deal.is_open:
            deal.move(stage, at=step.entered_at, reason=step.reason or command.lost_reason)
        else:
            deal.reopen(stage, reason=step.reason or "imported")
        current = follow_deal(session, deal, current, at=step.entered_at)
    holding.judge(session, deal)
    return deal


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLead:
    lead: CaptureLead
    created_at: datetime
    status: LeadStatus = LeadStatus.NEW
    disqualified_reason: str | None = None


def import_lead(session: Session, command: ImportLead, *, now: datetime) -> Lead:
    """Capture a lead that was captured earlier, in the state it has reached."""
    _refuse_disorder([command.created_at, now])
    lead, holding = new_lead(session, command.lead, now=now)
    lead.created_at, lead.status = command.created_at, command.status
    lead.disqualified_reason = command.disqualified_reason
    holding.judge(session, lead)
    outbox.add(session, events.lead_captured, lead, at=command.created_at)
    return lead


def _steps(command: ImportDeal, pipeline: Pipeline) -> list[PastStage]:
    if command.stage_history:
        return list(command.stage_history)
    first = pipeline.first(StageCategory.OPEN)
    named = pipeline.stage(command.deal.stage_id) if command.deal.stage_id else first
    if named.category is StageCategory.OPEN:
        return [PastStage(stage_id=named.id, entered_at=command.created_at)]
    ended_at = command.closed_at or command.created_at
    return [
        PastStage(stage_id=first.id, entered_at=command.created_at),
        PastStage(stage_id=named.id, entered_at=ended_at),
    ]


def _refuse_disorder(moments: list[datetime]) -> None:
    if any(later < earlier for earlier, later in itertools.pairwise(moments)):
        raise HistoryImpossible(errors={"created_at": ["Times are out of order or to come."]})
