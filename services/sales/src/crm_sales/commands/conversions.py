"""Turning a lead into a contact, an account and a deal, with contacts answering by a fact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import ids, outbox
from crm_chassis.db import Money
from crm_sales import events, queries
from crm_sales.commands.deals import CreateDeal, create_deal
from crm_sales.commands.holding import held
from crm_sales.commands.references import REFERENCES
from crm_sales.model.errors import LeadMatchesContact
from crm_sales.model.lead import Lead
from crm_sales.model.values import LeadStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertLead:
    """`use_existing` joins a contact that has the lead's address instead of refusing."""

    lead_id: UUID
    expected_version: int | None
    create_deal: bool = True
    deal_name: str | None = None
    amount: Money | None = None
    use_existing: bool = False


def convert_lead(session: Session, command: ConvertLead, *, now: datetime) -> Lead:
    """Ask contacts for the lead's contact and account; the lead waits as `converting`.

    A lead that is converting or converted is left as it is. The version is checked only when one
    is given: the request adds, it overwrites nothing.
    Raises NotFound, StaleVersion, LeadNotOpen, LeadMatchesContact, RecordArchived, RulesBroken.
    """
    lead = queries.lead_for_update(session, command.lead_id)
    if lead.status in {LeadStatus.CONVERTING, LeadStatus.CONVERTED}:
        return lead
    if command.expected_version is not None:
        lead.expect(command.expected_version)
    lead.refuse_closed()
    if lead.email and not command.use_existing:
        _refuse_match(session, lead, lead.email)
    with held(session, lead, now=now):
        lead.request_conversion(at=now)
    lead.create_deal, lead.deal_name = command.create_deal, command.deal_name
    lead.deal_amount = command.amount
    outbox.add(session, events.lead_conversion_requested, lead, at=now)
    return lead


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteConversion:
    lead_id: UUID
    contact_id: UUID | None
    account_id: UUID | None


def complete_conversion(
    session: Session, command: CompleteConversion, *, now: datetime
) -> Lead | None:
    """Contacts has answered: convert, with the deal if one was asked for. None: nothing to do."""
    lead = queries.known_lead_for_update(session, command.lead_id)
    if lead is None or lead.status is not LeadStatus.CONVERTING:
        return None
    found = {"contact_id": command.contact_id, "account_id": command.account_id}
    found = REFERENCES.settled(session, found)
    deal_id = _deal_of(session, lead, found, now=now) if lead.create_deal else None
    with held(session, lead, now=now, may_refuse=False):
        lead.convert(**found, deal_id=deal_id, at=now)
    outbox.add(session, events.lead_converted, lead, at=now)
    return lead


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseConversion:
    lead_id: UUID
    reason: str | None
    candidates: Sequence[dict[str, Any]] = ()


def refuse_conversion(session: Session, command: RefuseConversion, *, now: datetime) -> Lead | None:
    """Contacts could not tell who it is: qualified again. None: nothing to do."""
    lead = queries.known_lead_for_update(session, command.lead_id)
    if lead is None or lead.status is not LeadStatus.CONVERTING:
        return None
    with held(session, lead, now=now, may_refuse=False):
        lead.return_unconverted(reason=command.reason, candidates=command.candidates)
    outbox.add(session, events.lead_conversion_refused, lead, at=now)
    return lead


def _refuse_match(session: Session, lead: Lead, email: str) -> None:
    matches = queries.contacts_with_email(session, email)
    if matches:
        raise LeadMatchesContact(lead.id, errors={"email": [f"contact {each}" for each in matches]})


def _deal_of(session: Session, lead: Lead, found: dict[str, UUID | None], *, now: datetime) -> UUID:
    """The lead's one deal: its id is derived from the lead's, so it cannot be made twice."""
    deal_id = ids.derived("lead", lead.id, "deal")
    if queries.deal_exists(session, deal_id):
        return deal_id
    command = CreateDeal(
        name=lead.wanted_deal_name,
        amount=lead.deal_amount,
        account_id=found["account_id"],
        primary_contact_id=found["contact_id"],
        source=lead.source,
        lead_id=lead.id,
        owner_id=lead.owner_id,
        team_id=lead.team_id,
        visibility=lead.visibility,
    )
    return create_deal(session, command, now=now, deal_id=deal_id, may_refuse=False).id
