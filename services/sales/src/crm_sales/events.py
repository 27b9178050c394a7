"""What sales tells: one function per fact, the model in, the announcement out."""

from uuid import UUID

from crm_chassis import db
from crm_chassis.outbox import Announcement, record_fields
from crm_contracts import Candidate, Money
from crm_contracts import sales as contracts
from crm_sales.model.deal import Deal
from crm_sales.model.interval import StageInterval
from crm_sales.model.lead import Lead
from crm_sales.model.pipeline import Pipeline
from crm_sales.model.repointing import Repointing


def pipeline_created(pipeline: Pipeline) -> Announcement:
    return Announcement(contracts.PipelineCreated, pipeline_record(pipeline))


def pipeline_updated(pipeline: Pipeline) -> Announcement:
    return Announcement(contracts.PipelineUpdated, pipeline_record(pipeline))


def pipeline_archived(pipeline: Pipeline) -> Announcement:
    return Announcement(contracts.PipelineArchived, pipeline_record(pipeline))


def pipeline_restored(pipeline: Pipeline) -> Announcement:
    return Announcement(contracts.PipelineRestored, pipeline_record(pipeline))


def deal_created(deal: Deal) -> Announcement:
    return Announcement(contracts.DealCreated, deal_record(deal))


def deal_updated(deal: Deal) -> Announcement:
    return Announcement(contracts.DealUpdated, deal_record(deal))


def deal_stage_changed(deal: Deal) -> Announcement:
    return Announcement(contracts.DealStageChanged, deal_record(deal))


def deal_won(deal: Deal) -> Announcement:
    return Announcement(contracts.DealWon, deal_record(deal))


def deal_lost(deal: Deal) -> Announcement:
    return Announcement(contracts.DealLost, deal_record(deal))


def deal_reopened(deal: Deal) -> Announcement:
    return Announcement(contracts.DealReopened, deal_record(deal))


def deal_archived(deal: Deal) -> Announcement:
    return Announcement(contracts.DealArchived, deal_record(deal))


def deal_restored(deal: Deal) -> Announcement:
    return Announcement(contracts.DealRestored, deal_record(deal))


def stage_interval_opened(interval: StageInterval) -> Announcement:
    return Announcement(contracts.StageIntervalOpened, stage_interval_record(interval))


def stage_interval_closed(interval: StageInterval) -> Announcement:
    return Announcement(contracts.StageIntervalClosed, stage_interval_record(interval))


def lead_captured(lead: Lead) -> Announcement:
    return Announcement(contracts.LeadCaptured, lead_record(lead))


def lead_updated(lead: Lead) -> Announcement:
    return Announcement(contracts.LeadUpdated, lead_record(lead))


def lead_assigned(lead: Lead) -> Announcement:
    return Announcement(contracts.LeadAssigned, lead_record(lead))


def lead_qualified(lead: Lead) -> Announcement:
    return Announcement(contracts.LeadQualified, lead_record(lead))


def lead_disqualified(lead: Lead) -> Announcement:
    return Announcement(contracts.LeadDisqualified, lead_record(lead))


def lead_recycled(lead: Lead) -> Announcement:
    return Announcement(contracts.LeadRecycled, lead_record(lead))


def lead_conversion_requested(lead: Lead) -> Announcement:
    return Announcement(contracts.LeadConversionRequested, lead_record(lead))


def lead_conversion_refused(lead: Lead) -> Announcement:
    return Announcement(contracts.LeadConversionRefused, lead_record(lead))


def lead_converted(lead: Lead) -> Announcement:
    return Announcement(contracts.LeadConverted, lead_record(lead))


def lead_archived(lead: Lead) -> Announcement:
    return Announcement(contracts.LeadArchived, lead_record(lead))


def lead_restored(lead: Lead) -> Announcement:
    return Announcement(contracts.LeadRestored, lead_record(lead))


def references_repointed(repointing: Repointing) -> Announcement:
    return Announcement(contracts.ReferencesRepointed, repointing_record(repointing))


def pipeline_record(pipeline: Pipeline) -> contracts.Pipeline:
    stages = tuple(
        contracts.Stage(
            id=stage.id,
            name=stage.name,
            position=stage.position,
            category=stage.category.value,
            probability=stage.probability.normalize(),
            rot_days=stage.rot_days,
        )
        for stage in pipeline.stages
    )
    return contracts.Pipeline(
        **record_fields(pipeline),
        name=pipeline.name,
        currency=pipeline.currency,
        is_default=pipeline.is_default,
        stages=stages,
    )


def deal_record(deal: Deal) -> contracts.Deal:
    return contracts.Deal(
        **record_fields(deal),
        name=deal.name,
        amount=_money(deal.amount),
        pipeline_id=deal.pipeline_id,
        stage_id=deal.stage_id,
        stage_name=deal.stage_name,
        status=deal.status.value,
        account_id=deal.account_id,
        primary_contact_id=deal.primary_contact_id,
        contact_ids=tuple(deal.contact_ids),
        contact_roles=tuple(
            contracts.DealContactRole(contact_id=UUID(each["contact_id"]), role=each["role"])
            for each in deal.contact_roles
        ),
        expected_close_on=deal.expected_close_on.isoformat() if deal.expected_close_on else None,
        probability=deal.probability.normalize(),
        probability_source=deal.probability_source.value,
        weighted_amount=_money(deal.weighted_amount),
        closed_at=deal.closed_at,
        lost_reason=deal.lost_reason,
        reopened_reason=deal.reopened_reason,
        source=deal.source,
        lead_id=deal.lead_id,
        next_step=deal.next_step,
        custom=deal.custom,
    )


def stage_interval_record(interval: StageInterval) -> contracts.StageInterval:
    return contracts.StageInterval(
        **record_fields(interval),
        deal_id=interval.deal_id,
        stage_id=interval.stage_id,
        stage_name=interval.stage_name,
        entered_at=interval.entered_at,
        left_at=interval.left_at,
    )


def lead_record(lead: Lead) -> contracts.Lead:
    return contracts.Lead(
        **record_fields(lead),
        first_name=lead.first_name,
        last_name=lead.last_name,
        name=lead.name,
        email=lead.email,
        phone=lead.phone,
        company=lead.company,
        job_title=lead.job_title,
        source=lead.source,
        medium=lead.medium,
        status=lead.status.value,
        rating=lead.rating and lead.rating.value,
        contact_id=lead.contact_id,
        account_id=lead.account_id,
        deal_id=lead.deal_id,
        converted_at=lead.converted_at,
        disqualified_reason=lead.disqualified_reason,
        conversion_refused_reason=lead.conversion_refused_reason,
        candidates=tuple(_candidate(each) for each in lead.candidates),
        custom=lead.custom,
    )


def _candidate(stored: dict[str, str]) -> Candidate:
    return Candidate(type=stored["type"], id=UUID(stored["id"]), reason=stored["reason"])


def _money(money: db.Money | None) -> Money | None:
    return None if money is None else Money(money.amount, money.currency)


def repointing_record(repointing: Repointing) -> contracts.Repointing:
    return contracts.Repointing(
        **record_fields(repointing),
        absorbed_id=repointing.absorbed_id,
        absorbed_version=repointing.absorbed_version,
        survivor_id=repointing.survivor_id,
        counts=repointing.counts,
    )
