"""What contacts publishes of what passed between customers and us."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from crm_contracts.base import Candidate, Fact, Record, SubjectRef, ids_of, subjects_on_a_page


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction(Record):
    """Something that passed between a customer and us; immutable.

    `event` names the type of event another system told of, `properties` what it said of it.
    """

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "interaction"
    plural: ClassVar[str] = "interactions"

    type: str
    direction: str | None = None
    at: datetime
    duration_seconds: int | None = None
    subject: str | None = None
    summary: str | None = None
    subjects: tuple[SubjectRef, ...] = ()
    source_service: str | None = None
    source_id: str | None = None
    outcome: str | None = None
    event: str | None = None
    properties: dict[str, Any] = field(default_factory=dict)

    def customers(self) -> frozenset[UUID]:
        return frozenset(subjects_on_a_page(self.subjects))


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadConversion(Record):
    """Our answer to a lead's conversion: the contact and account it became, or why not."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "lead_conversion"
    plural: ClassVar[str] = "lead_conversions"

    lead_id: UUID
    status: str
    contact_id: UUID | None = None
    account_id: UUID | None = None
    reason: str | None = None
    candidates: tuple[Candidate, ...] = ()

    def customers(self) -> frozenset[UUID]:
        return ids_of(self.contact_id, self.account_id)


class InteractionLogged(
    Fact[Interaction],
    type="contacts.interaction.logged.v1",
    title="Logged {type}: {subject}",
    at="at",
):
    """An interaction was logged."""


class InteractionUpdated(Fact[Interaction], type="contacts.interaction.updated.v1"):
    """An interaction is about another record now, for two were merged or a merge was undone."""


class LeadConversionAnswered(Fact[LeadConversion], type="contacts.lead_conversion.answered.v1"):
    """A lead's person and company were matched or created."""


class LeadConversionRefused(Fact[LeadConversion], type="contacts.lead_conversion.refused.v1"):
    """A lead could not be matched to one contact and account; `reason` and `candidates` say why."""
