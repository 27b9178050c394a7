"""What the sales service publishes."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from crm_contracts import merging
from crm_contracts.base import Candidate, Fact, Money, Record, ids_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A step of a pipeline; `category` is open, won or lost."""

    id: UUID
    name: str
    position: int
    category: str
    probability: Decimal
    rot_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline(Record):
    """The stages that deals of one kind pass through."""

    service: ClassVar[str] = "sales"
    kind: ClassVar[str] = "pipeline"
    plural: ClassVar[str] = "pipelines"

    name: str
    currency: str | None = None
    is_default: bool = False
    stages: tuple[Stage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DealContactRole:
    """What a contact is in a deal: decision maker, evaluator, influencer …"""

    contact_id: UUID
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal(Record):
    """A possible sale; `status` is open, won or lost."""

    service: ClassVar[str] = "sales"
    kind: ClassVar[str] = "deal"
    plural: ClassVar[str] = "deals"

    name: str
    amount: Money | None = None
    pipeline_id: UUID
    stage_id: UUID
    stage_name: str
    status: str
    account_id: UUID | None = None
    primary_contact_id: UUID | None = None
    contact_ids: tuple[UUID, ...] = ()
    contact_roles: tuple[DealContactRole, ...] = ()
    expected_close_on: str | None = None
    probability: Decimal | None = None
    probability_source: str = "stage"
    weighted_amount: Money | None = None
    closed_at: datetime | None = None
    lost_reason: str | None = None
    reopened_reason: str | None = None
    source: str | None = None
    lead_id: UUID | None = None
    next_step: str | None = None
    custom: dict[str, Any] = field(default_factory=dict)

    def customers(self) -> frozenset[UUID]:
        return ids_of(self.primary_contact_id, self.account_id, *self.contact_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageInterval(Record):
    """The time a deal spent in a stage."""

    service: ClassVar[str] = "sales"
    kind: ClassVar[str] = "stage_interval"
    plural: ClassVar[str] = "stage_intervals"

    deal_id: UUID
    stage_id: UUID
    stage_name: str
    entered_at: datetime
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead(Record):
    """Somebody who may become a customer, before we know them."""

    service: ClassVar[str] = "sales"
    kind: ClassVar[str] = "lead"
    plural: ClassVar[str] = "leads"

    first_name: str | None = None
    last_name: str | None = None
    name: str
    email: str | None = None
    phone: str | None = None
    company: str | None = None
    job_title: str | None = None
    source: str | None = None
    medium: str | None = None
    status: str
    rating: str | None = None
    contact_id: UUID | None = None
    account_id: UUID | None = None
    deal_id: UUID | None = None
    converted_at: datetime | None = None
    disqualified_reason: str | None = None
    conversion_refused_reason: str | None = None
    candidates: tuple[Candidate, ...] = ()
    custom: dict[str, Any] = field(default_factory=dict)

    def customers(self) -> frozenset[UUID]:
        return ids_of(self.contact_id, self.account_id)


class PipelineCreated(Fact[Pipeline], type="sales.pipeline.created.v1"):
    """A pipeline was created."""


class PipelineUpdated(Fact[Pipeline], type="sales.pipeline.updated.v1"):
    """A pipeline's name or stages changed."""


class PipelineArchived(Fact[Pipeline], type="sales.pipeline.archived.v1"):
    """A pipeline was archived."""


class PipelineRestored(Fact[Pipeline], type="sales.pipeline.restored.v1"):
    """An archived pipeline was brought back."""


class DealCreated(
    Fact[Deal], type="sales.deal.created.v1", title="Deal created: {name}", at="created_at"
):
    """A deal was created."""


class DealUpdated(Fact[Deal], type="sales.deal.updated.v1"):
    """Fields of a deal changed."""


class DealStageChanged(
    Fact[Deal], type="sales.deal.stage_changed.v1", title="Deal moved to {stage_name}: {name}"
):
    """A deal moved to another open stage."""


class DealWon(Fact[Deal], type="sales.deal.won.v1", title="Deal won: {name}"):
    """A deal was closed as won."""


class DealLost(Fact[Deal], type="sales.deal.lost.v1", title="Deal lost: {name}"):
    """A deal was closed as lost; `lost_reason` says why."""


class DealReopened(Fact[Deal], type="sales.deal.reopened.v1", title="Deal reopened: {name}"):
    """A closed deal was opened again."""


class DealArchived(Fact[Deal], type="sales.deal.archived.v1", title="Deal archived: {name}"):
    """A deal was archived."""


class DealRestored(Fact[Deal], type="sales.deal.restored.v1", title="Deal restored: {name}"):
    """An archived deal was brought back."""


class StageIntervalOpened(Fact[StageInterval], type="sales.stage_interval.opened.v1"):
    """A deal entered a stage."""


class StageIntervalClosed(Fact[StageInterval], type="sales.stage_interval.closed.v1"):
    """A deal left a stage."""


class LeadCaptured(
    Fact[Lead], type="sales.lead.captured.v1", title="Lead captured", at="created_at"
):
    """A lead was captured."""


class LeadUpdated(Fact[Lead], type="sales.lead.updated.v1"):
    """Fields of a lead changed."""


class LeadAssigned(Fact[Lead], type="sales.lead.assigned.v1"):
    """A lead got another owner."""


class LeadQualified(Fact[Lead], type="sales.lead.qualified.v1", title="Lead qualified"):
    """A lead was found worth pursuing."""


class LeadDisqualified(Fact[Lead], type="sales.lead.disqualified.v1", title="Lead disqualified"):
    """A lead was found not worth pursuing; `disqualified_reason` says why."""


class LeadRecycled(Fact[Lead], type="sales.lead.recycled.v1", title="Lead recycled"):
    """A disqualified lead is worked on again."""


class LeadConversionRequested(Fact[Lead], type="sales.lead.conversion_requested.v1"):
    """Contacts is asked for the lead's contact and account."""


class LeadConversionRefused(Fact[Lead], type="sales.lead.conversion_refused.v1"):
    """The conversion did not go through; the lead is qualified again."""


class LeadConverted(Fact[Lead], type="sales.lead.converted.v1", title="Lead converted"):
    """A lead became a contact, an account and perhaps a deal."""


class LeadArchived(Fact[Lead], type="sales.lead.archived.v1", title="Lead archived"):
    """A lead was archived."""


class LeadRestored(Fact[Lead], type="sales.lead.restored.v1", title="Lead restored"):
    """An archived lead was brought back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repointing(merging.Repointing):
    """What sales moved after a merge."""

    service: ClassVar[str] = "sales"


class ReferencesRepointed(Fact[Repointing], type="sales.references.repointed.v1"):
    """Sales has followed a merge of contacts, or its undoing."""
