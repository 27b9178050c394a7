"""What can be asked of leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_fields.holding.writing import Holding
from crm_fields.objects import Held
from crm_sales import events, queries
from crm_sales.commands.holding import beginning, changing, held
from crm_sales.commands.references import REFERENCES
from crm_sales.model.lead import Lead
from crm_sales.model.values import LeadRating, LeadStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureLead:
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    company: str | None = None
    job_title: str | None = None
    source: str | None = None
    medium: str | None = None
    rating: LeadRating | None = None
    owner_id: UUID | None = None
    team_id: UUID | None = None
    visibility: str = "all"
    custom: Mapping[str, Any] = field(default_factory=dict)


def capture_lead(session: Session, command: CaptureLead, *, now: datetime) -> Lead:
    """Note somebody who may become a customer. Raises Invalid, RulesBroken, ValueTaken."""
    lead, holding = new_lead(session, command, now=now)
    holding.judge(session, lead)
    outbox.add(session, events.lead_captured, lead, at=now)
    return lead


def new_lead(session: Session, command: CaptureLead, *, now: datetime) -> tuple[Lead, Holding]:
    """Build a lead, to be judged and announced. Raises Invalid."""
    holding = beginning(session, Held.LEAD, command.custom, now=now)
    named = {each.name: getattr(command, each.name) for each in fields(command)}
    settled = REFERENCES.settled(session, {**named, "custom": {}, **holding.fields})
    return Lead(**settled), holding


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateLead:
    """`changes` holds only the fields to change, by the names of the lead."""

    lead_id: UUID
    expected_version: int | None
    changes: Mapping[str, Any]


def update_lead(session: Session, command: UpdateLead, *, now: datetime) -> Lead:
    """Change fields of an open lead.

    Raises NotFound, StaleVersion, LeadNotOpen, RecordArchived, Invalid, RulesBroken, ValueTaken.
    """
    lead = queries.lead_for_update(session, command.lead_id)
    lead.expect(command.expected_version)
    changes = REFERENCES.settled(session, command.changes)
    holding = changing(session, lead, changes, now=now)
    if lead.revise(holding.fields):
        holding.judge(session, lead)
        outbox.add(session, events.lead_updated, lead, at=now)
    return lead


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignLead:
    lead_id: UUID
    expected_version: int | None
    owner_id: UUID | None = None
    team_id: UUID | None = None


def assign_lead(session: Session, command: AssignLead, *, now: datetime) -> Lead:
    """Give a lead to somebody. Raises NotFound, StaleVersion, LeadNotOpen, RecordArchived."""
    lead = queries.lead_for_update(session, command.lead_id)
    if (lead.owner_id, lead.team_id) == (command.owner_id, command.team_id):
        return lead
    lead.expect(command.expected_version)
    owner = REFERENCES.settled(session, {"owner_id": command.owner_id})
    with held(session, lead, now=now):
        lead.assign(owner["owner_id"], command.team_id)
    outbox.add(session, events.lead_assigned, lead, at=now)
    return lead


@dataclass(frozen=True, slots=True, kw_only=True)
class QualifyLead:
    lead_id: UUID
    expected_version: int | None


def qualify_lead(session: Session, command: QualifyLead, *, now: datetime) -> Lead:
    """Find a lead worth a deal. Raises NotFound, StaleVersion, LeadNotOpen, RecordArchived."""
    lead = queries.lead_for_update(session, command.lead_id)
    if lead.status is LeadStatus.QUALIFIED:
        return lead
    lead.expect(command.expected_version)
    with held(session, lead, now=now):
        lead.qualify()
    outbox.add(session, events.lead_qualified, lead, at=now)
    return lead


@dataclass(frozen=True, slots=True, kw_only=True)
class DisqualifyLead:
    lead_id: UUID
    expected_version: int | None
    reason: str


def disqualify_lead(session: Session, command: DisqualifyLead, *, now: datetime) -> Lead:
    """Give a lead up. Raises NotFound, StaleVersion, LeadNotOpen, RecordArchived."""
    lead = queries.lead_for_update(session, command.lead_id)
    if lead.status is LeadStatus.DISQUALIFIED:
        return lead
    lead.expect(command.expected_version)
    with held(session, lead, now=now):
        lead.disqualify(reason=command.reason)
    outbox.add(session, events.lead_disqualified, lead, at=now)
    return lead


@dataclass(frozen=True, slots=True, kw_only=True)
class RecycleLead:
    lead_id: UUID
    expected_version: int | None


def recycle_lead(session: Session, command: RecycleLead, *, now: datetime) -> Lead:
    """Take a lead up again. Raises NotFound, StaleVersion, LeadNotDisqualified, RecordArchived."""
    lead = queries.lead_for_update(session, command.lead_id)
    if lead.status is LeadStatus.WORKING:
        return lead
    lead.expect(command.expected_version)
    with held(session, lead, now=now):
        lead.recycle()
    outbox.add(session, events.lead_recycled, lead, at=now)
    return lead


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveLead:
    """`is_any_version`: whatever it has become meanwhile, as a batch may ask."""

    lead_id: UUID
    expected_version: int | None
    is_any_version: bool = False


def archive_lead(session: Session, command: ArchiveLead, *, now: datetime) -> Lead:
    """Put a lead away. Raises NotFound, StaleVersion."""
    lead = queries.lead_for_update(session, command.lead_id)
    if lead.archived_at is not None:
        return lead
    if not command.is_any_version:
        lead.expect(command.expected_version)
    lead.archive(at=now)
    outbox.add(session, events.lead_archived, lead, at=now)
    return lead


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreLead:
    lead_id: UUID
    expected_version: int | None


def restore_lead(session: Session, command: RestoreLead, *, now: datetime) -> Lead:
    """Bring an archived lead back. Raises NotFound, StaleVersion."""
    lead = queries.lead_for_update(session, command.lead_id)
    if lead.archived_at is None:
        return lead
    lead.expect(command.expected_version)
    lead.restore()
    outbox.add(session, events.lead_restored, lead, at=now)
    return lead
