"""Every SELECT of sales."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Text,
    column,
    exists,
    func,
    literal_column,
    select,
    table,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from crm_chassis import db
from crm_chassis.db import Aggregate
from crm_chassis.problems import NotFound
from crm_sales.model.deal import Deal
from crm_sales.model.errors import StageNotFound
from crm_sales.model.interval import StageInterval
from crm_sales.model.lead import Lead
from crm_sales.model.pipeline import Pipeline, Stage
from crm_sales.model.values import DealStatus, LeadStatus, StageCategory

A = TypeVar("A", bound=Aggregate)
CONTACT_COPY = table(
    "contact_copy",
    *(column(name) for name in ("id", "email", "archived_at", "merged_into")),
)
DEAL_ID, LEAD_ID, PIPELINE_ID = Deal.id, Lead.id, Pipeline.id
LATEST = date(9999, 12, 31)
DEAL_FILTERS = (
    "owner_id",
    "pipeline_id",
    "stage_id",
    "status",
    "account_id",
    "primary_contact_id",
    "lead_id",
)
DEAL_SORTS: Mapping[str, Any] = {
    "created_at": Deal.created_at,
    "updated_at": Deal.updated_at,
    "public_no": Deal.public_no,
    "name": Deal.name.collate("C"),
    "expected_close_on": func.coalesce(Deal.expected_close_on, LATEST, type_=Date),
}
LEAD_FILTERS = ("owner_id", "status", "source", "rating", "contact_id", "account_id", "email")
# Person and company in one column that the database generates.
LEAD_SEARCHED: ColumnElement[str] = literal_column("lead.searched", Text)
LEAD_SORTS: Mapping[str, Any] = {
    "created_at": Lead.created_at,
    "updated_at": Lead.updated_at,
    "public_no": Lead.public_no,
}
PIPELINE_SORTS: Mapping[str, Any] = {
    "created_at": Pipeline.created_at,
    "name": Pipeline.name.collate("C"),
}


def deals(wanted: Mapping[str, Any]) -> Select[Any]:
    """Live deals; `wanted` may name columns to equal, and `q`, a part of the name."""
    return _wanted(Deal, wanted, DEAL_FILTERS, Deal.name)


def overdue_of_deal(session: Session, deal_id: UUID) -> list[tuple[str, int, Decimal, datetime]]:
    """What a deal's customers owe beyond the day: currency, how many, how much, since when."""
    rows = db.cursor(session).execute(_OVERDUE, {"deal": deal_id}).fetchall()
    return [(currency, count, amount, due_at) for currency, count, amount, due_at in rows]


def leads(wanted: Mapping[str, Any]) -> Select[Any]:
    """Live leads; `wanted` as for deals, `q` a part of the person's or company's name."""
    return _wanted(Lead, wanted, LEAD_FILTERS, LEAD_SEARCHED)


def pipelines(wanted: Mapping[str, Any]) -> Select[Any]:
    """Live pipelines; `q` is a part of the name."""
    return _wanted(Pipeline, wanted, (), Pipeline.name)


def pipeline_for_update(session: Session, pipeline_id: UUID) -> Pipeline:
    """The pipeline, locked. Raises NotFound."""
    return _locked(session, Pipeline, pipeline_id)


def deal_for_update(session: Session, deal_id: UUID) -> Deal:
    """The deal, locked. Raises NotFound."""
    return _locked(session, Deal, deal_id)


def lead_for_update(session: Session, lead_id: UUID) -> Lead:
    """The lead, locked. Raises NotFound."""
    return _locked(session, Lead, lead_id)


def known_lead_for_update(session: Session, lead_id: UUID) -> Lead | None:
    """The lead, locked, or None when it is not ours."""
    return db.for_update(session, Lead, lead_id)


def deal_exists(session: Session, deal_id: UUID) -> bool:
    """Whether there is such a deal, archived ones included."""
    return session.scalar(select(Deal.id).where(Deal.id == deal_id)) is not None


def pipeline(session: Session, pipeline_id: UUID) -> Pipeline:
    """The pipeline with its stages; read once per transaction. Raises StageNotFound."""
    read = _pipelines_read(session)
    if pipeline_id not in read:
        found = session.get(Pipeline, pipeline_id)
        if found is None:
            raise StageNotFound(pipeline_id, errors={"pipeline_id": ["There is no such pipeline."]})
        read[pipeline_id] = found
    return read[pipeline_id]


def pipeline_of_stage(session: Session, stage_id: UUID) -> Pipeline:
    """The pipeline a stage belongs to; read once per transaction. Raises StageNotFound."""
    for known in _pipelines_read(session).values():
        if any(stage.id == stage_id for stage in known.stages):
            return known
    stage = session.get(Stage, stage_id)
    if stage is None:
        raise StageNotFound(stage_id, errors={"stage_id": ["There is no such stage."]})
    return pipeline(session, stage.pipeline_id)


def _pipelines_read(session: Session) -> dict[UUID, Pipeline]:
    """Those read in this transaction; the session by itself would forget what nobody holds."""
    read: dict[UUID, Pipeline] = session.info.setdefault("pipelines", {})
    return read


def default_pipeline(session: Session) -> Pipeline | None:
    """The pipeline a deal goes to when none is named; None before the first was made."""
    if "default_pipeline" not in session.info:
        wanted = select(Pipeline).where(Pipeline.is_default, Pipeline.archived_at.is_(None))
        session.info["default_pipeline"] = session.scalar(wanted)
    found: Pipeline | None = session.info["default_pipeline"]
    return found


def default_pipeline_locked(session: Session) -> Pipeline | None:
    """The same, after all others who make or replace the default are through."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("default", 0))))
    session.info.pop("default_pipeline", None)
    return default_pipeline(session)


def has_live_deals(session: Session, pipeline_id: UUID) -> bool:
    """Whether open deals stand in the pipeline."""
    standing = exists().where(
        Deal.pipeline_id == pipeline_id,
        Deal.status == DealStatus.OPEN,
        Deal.archived_at.is_(None),
    )
    return bool(session.scalar(select(standing)))


def is_any_stage_in_use(session: Session, stage_ids: Collection[UUID]) -> bool:
    """Whether any deal, closed and archived ones included, stands in one of the stages."""
    return bool(session.scalar(select(exists().where(Deal.stage_id.in_(stage_ids)))))


def open_interval(session: Session, deal_id: UUID) -> StageInterval | None:
    """The stay that has not ended, locked through its deal."""
    return session.scalar(
        select(StageInterval).where(
            StageInterval.deal_id == deal_id, StageInterval.left_at.is_(None)
        )
    )


def intervals_of(session: Session, deal_id: UUID) -> Sequence[StageInterval]:
    """All stays of a deal, oldest first."""
    return session.scalars(
        select(StageInterval)
        .where(StageInterval.deal_id == deal_id)
        .order_by(StageInterval.entered_at, StageInterval.id)
    ).all()


def last_open_stage(session: Session, deal_id: UUID) -> Stage | None:
    """The open stage the deal stood in last, if its pipeline still has it."""
    return session.scalar(
        select(Stage)
        .join(StageInterval, StageInterval.stage_id == Stage.id)
        .where(StageInterval.deal_id == deal_id, Stage.category == StageCategory.OPEN)
        .order_by(StageInterval.entered_at.desc(), StageInterval.id.desc())
        .limit(1)
    )


def renamed_stages(session: Session) -> Sequence[Stage]:
    """Stages whose new name has not reached all their deals, locked; those of others skipped."""
    return session.scalars(
        select(Stage).where(Stage.renamed_at.is_not(None)).with_for_update(skip_locked=True)
    ).all()


def deals_with_old_name_of(session: Session, stage: Stage, *, limit: int) -> Sequence[Deal]:
    """Deals in the stage that still carry another name of it, locked in order of id."""
    return session.scalars(
        select(Deal)
        .where(Deal.stage_id == stage.id, Deal.stage_name != stage.name)
        .order_by(Deal.id)
        .limit(limit)
        .with_for_update()
    ).all()


def contacts_with_email(session: Session, email: str) -> Sequence[UUID]:
    """Live contacts with exactly this primary address, as far as our copy knows."""
    return session.scalars(
        select(CONTACT_COPY.c.id)
        .where(
            func.lower(CONTACT_COPY.c.email) == email.lower(),
            CONTACT_COPY.c.archived_at.is_(None),
            CONTACT_COPY.c.merged_into.is_(None),
        )
        .limit(10)
    ).all()


def unanswered_conversions(session: Session, *, before: datetime) -> Sequence[UUID]:
    """Leads whose conversion was requested before the instant and not answered since."""
    return session.scalars(
        select(Lead.id)
        .where(Lead.status == LeadStatus.CONVERTING, Lead.conversion_requested_at < before)
        .limit(100)
    ).all()


def _wanted(
    model: type[Aggregate],
    wanted: Mapping[str, Any],
    filters: Collection[str],
    searched: ColumnElement[str] | InstrumentedAttribute[str],
) -> Select[Any]:
    equal = {name: wanted[name] for name in filters if wanted.get(name) is not None}
    found = select(model).where(model.archived_at.is_(None)).filter_by(**equal)
    if wanted.get("q"):
        found = found.where(searched.icontains(wanted["q"], autoescape=True))
    return found


def _locked(session: Session, model: type[A], aggregate_id: UUID) -> A:
    found = db.for_update(session, model, aggregate_id)
    if found is None:
        raise NotFound(f"{model.__name__.lower()} {aggregate_id}")
    return found


_OVERDUE = """
select i.currency, count(*), sum(i.open_amount), min(i.due_at)
from deal d join invoice_copy i
    on i.account_id = d.account_id or i.contact_id = d.primary_contact_id
    or i.contact_id = any(d.contact_ids)
where d.id = %(deal)s and i.status = 'overdue' and i.archived_at is null
group by i.currency order by i.currency
"""
