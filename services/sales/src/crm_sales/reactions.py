"""What sales does once when others' facts arrive."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from crm_chassis.project import Copy
from crm_contracts.contacts import (
    AccountMerged,
    AccountUnmerged,
    ContactMerged,
    ContactUnmerged,
    LeadConversionAnswered,
    LeadConversionRefused,
)
from crm_sales.commands import merges
from crm_sales.commands.conversions import (
    CompleteConversion,
    RefuseConversion,
    complete_conversion,
    refuse_conversion,
)


def lead_conversion_answered(
    session: Session, fact: LeadConversionAnswered, *, now: datetime
) -> None:
    """The lead's contact and account are known: it is converted, with its deal if asked for."""
    answer = fact.record
    command = CompleteConversion(
        lead_id=answer.lead_id, contact_id=answer.contact_id, account_id=answer.account_id
    )
    complete_conversion(session, command, now=now)


def lead_conversion_refused(
    session: Session, fact: LeadConversionRefused, *, now: datetime
) -> None:
    """It is not clear who the lead is: it is qualified again, with the reason and candidates."""
    answer = fact.record
    candidates = [
        {"type": each.type, "id": str(each.id), "reason": each.reason} for each in answer.candidates
    ]
    command = RefuseConversion(lead_id=answer.lead_id, reason=answer.reason, candidates=candidates)
    refuse_conversion(session, command, now=now)


def contact_merged(
    session: Session, fact: ContactMerged | ContactUnmerged, contacts: Copy, *, now: datetime
) -> None:
    """Point at the survivor what pointed at the absorbed contact, or back."""
    merges.OF_CONTACTS.follow(session, fact, contacts, now=now)


contact_unmerged = contact_merged


def account_merged(
    session: Session, fact: AccountMerged | AccountUnmerged, accounts: Copy, *, now: datetime
) -> None:
    """Point at the survivor what pointed at the absorbed account, or back."""
    merges.OF_ACCOUNTS.follow(session, fact, accounts, now=now)


account_unmerged = account_merged
