"""What can be asked of pipelines."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import ids, outbox
from crm_sales import events, queries
from crm_sales.model.errors import PipelineInUse, RecordArchived, StageInUse
from crm_sales.model.pipeline import Pipeline, StagePlan, default_plans

RENAMED_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePipeline:
    name: str
    currency: str | None = None
    is_default: bool = False
    stages: tuple[StagePlan, ...] = field(default_factory=default_plans)


def create_pipeline(session: Session, command: CreatePipeline, *, now: datetime) -> Pipeline:
    """Add a pipeline with its stages. Raises PipelineIncomplete."""
    pipeline = Pipeline(name=command.name, currency=command.currency)
    pipeline.plan(command.stages, at=now)
    outbox.add(session, events.pipeline_created, pipeline, at=now)
    if command.is_default:
        _make_default(session, pipeline, now=now)
    return pipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePipeline:
    """None leaves a field as it is; `stages` is the whole new list."""

    pipeline_id: UUID
    expected_version: int | None
    name: str | None = None
    currency: str | None = None
    is_default: bool | None = None
    stages: tuple[StagePlan, ...] | None = None


def update_pipeline(session: Session, command: UpdatePipeline, *, now: datetime) -> Pipeline:
    """Change a pipeline; a deal follows the new name of its stage within seconds.

    Raises NotFound, StaleVersion, RecordArchived, PipelineIncomplete, StageNotFound, StageInUse,
    and PipelineInUse for the default one, which only another can replace.
    """
    pipeline = queries.pipeline_for_update(session, command.pipeline_id)
    pipeline.expect(command.expected_version)
    if pipeline.archived_at is not None:
        raise RecordArchived(pipeline.id)
    if command.is_default is False and pipeline.is_default:
        raise PipelineInUse(pipeline.id)
    pipeline.name = command.name or pipeline.name
    pipeline.currency = command.currency or pipeline.currency
    if command.stages is not None:
        _replan(session, pipeline, command.stages, now=now)
    outbox.add(session, events.pipeline_updated, pipeline, at=now)
    if command.is_default and not pipeline.is_default:
        _make_default(session, pipeline, now=now)
    return pipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePipeline:
    """`is_any_version`: whatever it has become meanwhile, as a batch may ask."""

    pipeline_id: UUID
    expected_version: int | None
    is_any_version: bool = False


def archive_pipeline(session: Session, command: ArchivePipeline, *, now: datetime) -> Pipeline:
    """Put a pipeline away. Raises NotFound, StaleVersion, PipelineInUse."""
    pipeline = queries.pipeline_for_update(session, command.pipeline_id)
    if pipeline.archived_at is not None:
        return pipeline
    if not command.is_any_version:
        pipeline.expect(command.expected_version)
    if pipeline.is_default or queries.has_live_deals(session, pipeline.id):
        raise PipelineInUse(pipeline.id)
    pipeline.archive(at=now)
    outbox.add(session, events.pipeline_archived, pipeline, at=now)
    return pipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class RestorePipeline:
    pipeline_id: UUID
    expected_version: int | None


def restore_pipeline(session: Session, command: RestorePipeline, *, now: datetime) -> Pipeline:
    """Bring an archived pipeline back. Raises NotFound, StaleVersion."""
    pipeline = queries.pipeline_for_update(session, command.pipeline_id)
    if pipeline.archived_at is None:
        return pipeline
    pipeline.expect(command.expected_version)
    pipeline.restore()
    outbox.add(session, events.pipeline_restored, pipeline, at=now)
    return pipeline


def ensure_default_pipeline(session: Session, *, now: datetime) -> Pipeline:
    """Return the default pipeline; the first time, create and announce "Sales"."""
    found = queries.default_pipeline(session) or queries.default_pipeline_locked(session)
    if found is not None:
        return found
    pipeline = Pipeline(id=ids.derived("sales", "pipeline", "default"), name="Sales")
    pipeline.is_default = True
    pipeline.plan(default_plans(), at=now)
    outbox.add(session, events.pipeline_created, pipeline, at=now)
    session.flush()
    return pipeline


def carry_stage_names(session: Session, *, now: datetime) -> int:
    """Give deals the new names of their stages, a bounded number at a time; return how many."""
    carried = 0
    for stage in queries.renamed_stages(session):
        behind = queries.deals_with_old_name_of(session, stage, limit=RENAMED_AT_ONCE)
        for deal in behind:
            deal.stage_name = stage.name
            outbox.add(session, events.deal_updated, deal, at=now)
        if len(behind) < RENAMED_AT_ONCE:
            stage.renamed_at = None
        carried += len(behind)
    return carried


def _make_default(session: Session, pipeline: Pipeline, *, now: datetime) -> None:
    former = queries.default_pipeline_locked(session)
    if former is not None:
        former.is_default = False
        outbox.add(session, events.pipeline_updated, former, at=now)
        session.flush()  # one default at any time: the index is checked statement by statement
    pipeline.is_default = True


def _replan(
    session: Session, pipeline: Pipeline, plans: tuple[StagePlan, ...], *, now: datetime
) -> None:
    kept = {plan.stage_id: plan for plan in plans if plan.stage_id}
    touched = [
        stage.id
        for stage in pipeline.stages
        if stage.id not in kept or kept[stage.id].category is not stage.category
    ]
    if touched and queries.is_any_stage_in_use(session, touched):
        raise StageInUse(pipeline.id)
    pipeline.plan(plans, at=now)
