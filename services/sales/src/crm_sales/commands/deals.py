"""What can be asked of deals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import ids, outbox
from crm_chassis.db import Money
from crm_fields.holding.writing import Holding
from crm_fields.objects import Held
from crm_sales import events, queries
from crm_sales.commands.holding import beginning, changing
from crm_sales.commands.pipelines import ensure_default_pipeline
from crm_sales.commands.references import REFERENCES, settled_roles
from crm_sales.commands.stays import follow_deal
from crm_sales.model.deal import Deal
from crm_sales.model.pipeline import Pipeline, Stage
from crm_sales.model.values import ContactRole, StageCategory

_STORED = (
    "name",
    "amount",
    "account_id",
    "primary_contact_id",
    "contact_ids",
    "expected_close_on",
    "source",
    "lead_id",
    "next_step",
    "owner_id",
    "team_id",
    "visibility",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDeal:
    name: str
    pipeline_id: UUID | None = None
    stage_id: UUID | None = None
    amount: Money | None = None
    probability: Decimal | None = None
    account_id: UUID | None = None
    primary_contact_id: UUID | None = None
    contact_ids: tuple[UUID, ...] = ()
    contact_roles: tuple[ContactRole, ...] = ()
    expected_close_on: date | None = None
    source: str | None = None
    lead_id: UUID | None = None
    next_step: str | None = None
    owner_id: UUID | None = None
    team_id: UUID | None = None
    visibility: str = "all"
    custom: Mapping[str, Any] = field(default_factory=dict)


def create_deal(
    session: Session,
    command: CreateDeal,
    *,
    now: datetime,
    deal_id: UUID | None = None,
    may_refuse: bool = True,
) -> Deal:
    """Open a deal in the named stage, else in the first of its pipeline, else of the default one.

    Raises StageNotFound, StageOfAnotherPipeline, StageNotOpen, Invalid, RulesBroken, ValueTaken;
    the last two only where it `may_refuse`.
    """
    pipeline = pipeline_for(session, command.pipeline_id, command.stage_id, now=now)
    stage = _first_stage(command, pipeline)
    deal, holding = new_deal(session, command, stage=stage, now=now, deal_id=deal_id)
    holding.judge(session, deal, may_refuse=may_refuse)
    outbox.add(session, events.deal_created, deal, at=now)
    follow_deal(session, deal, None, at=now)
    return deal


def new_deal(
    session: Session,
    command: CreateDeal,
    *,
    stage: Stage,
    now: datetime,
    deal_id: UUID | None = None,
) -> tuple[Deal, Holding]:
    """Build a deal that starts in `stage`, to be judged and announced. Raises StageNotOpen, Invalid."""
    holding = beginning(session, Held.DEAL, command.custom, now=now)
    named = {name: getattr(command, name) for name in _STORED}
    deal = Deal(
        id=deal_id or ids.new(),
        pipeline_id=stage.pipeline_id,
        stage_id=stage.id,
        stage_name=stage.name,
        **REFERENCES.settled(session, named),
    )
    deal.give_roles(settled_roles(session, command.contact_roles) or None)
    deal.manual_probability = command.probability
    deal.custom, deal.secret = holding.fields.get("custom", {}), holding.fields.get("secret", {})
    deal.start(stage)
    return deal, holding


def pipeline_for(
    session: Session, pipeline_id: UUID | None, stage_id: UUID | None, *, now: datetime
) -> Pipeline:
    """The named pipeline, else the stage's, else the default one. Raises StageNotFound."""
    if pipeline_id is not None:
        return queries.pipeline(session, pipeline_id)
    if stage_id is not None:
        return queries.pipeline_of_stage(session, stage_id)
    return ensure_default_pipeline(session, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateDeal:
    """`changes` holds only the fields to change, by the names Deal.revise knows."""

    deal_id: UUID
    expected_version: int | None
    changes: Mapping[str, Any]


def update_deal(session: Session, command: UpdateDeal, *, now: datetime) -> Deal:
    """Change fields of a deal.

    Raises NotFound, StaleVersion, RecordArchived, Invalid, RulesBroken, ValueTaken.
    """
    deal = queries.deal_for_update(session, command.deal_id)
    deal.expect(command.expected_version)
    changes = REFERENCES.settled(session, command.changes)
    if "contact_roles" in changes:
        changes["contact_roles"] = settled_roles(session, changes["contact_roles"])
    holding = changing(session, deal, changes, now=now)
    if deal.revise(holding.fields):
        holding.judge(session, deal)
        outbox.add(session, events.deal_updated, deal, at=now)
    return deal


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveDeal:
    """`is_any_version`: whatever it has become meanwhile, as a batch may ask."""

    deal_id: UUID
    expected_version: int | None
    is_any_version: bool = False


def archive_deal(session: Session, command: ArchiveDeal, *, now: datetime) -> Deal:
    """Put a deal away. Raises NotFound, StaleVersion."""
    deal = queries.deal_for_update(session, command.deal_id)
    if deal.archived_at is not None:
        return deal
    if not command.is_any_version:
        deal.expect(command.expected_version)
    deal.archive(at=now)
    outbox.add(session, events.deal_archived, deal, at=now)
    return deal


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreDeal:
    deal_id: UUID
    expected_version: int | None


def restore_deal(session: Session, command: RestoreDeal, *, now: datetime) -> Deal:
    """Bring an archived deal back. Raises NotFound, StaleVersion."""
    deal = queries.deal_for_update(session, command.deal_id)
    if deal.archived_at is None:
        return deal
    deal.expect(command.expected_version)
    deal.restore()
    outbox.add(session, events.deal_restored, deal, at=now)
    return deal


def _first_stage(command: CreateDeal, pipeline: Pipeline) -> Stage:
    if command.stage_id is not None:
        return pipeline.stage(command.stage_id)
    return pipeline.first(StageCategory.OPEN)
