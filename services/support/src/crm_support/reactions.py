"""What support does once when others' facts arrive."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from crm_chassis import ids
from crm_chassis.project import Copy
from crm_contracts.contacts import (
    AccountMerged,
    AccountUnmerged,
    ContactMerged,
    ContactUnmerged,
)
from crm_contracts.sales import DealWon
from crm_support import queries
from crm_support.commands import merges
from crm_support.commands.tickets import OpenTicket, open_ticket
from crm_support.model.values import Channel, TicketKind


def deal_won(session: Session, fact: DealWon, *, now: datetime) -> None:
    """Welcome the customer: one onboarding ticket per deal, however often it is won."""
    deal = fact.record
    origin = f"onboarding:{deal.id}"
    if queries.ticket_of_origin(session, origin) is not None:
        return
    command = OpenTicket(
        subject=f"Onboarding: {deal.name}"[:200],
        requester_id=deal.primary_contact_id,
        account_id=deal.account_id,
        deal_id=deal.id,
        channel=Channel.INTERNAL,
        kind=TicketKind.REQUEST,
        origin=origin,
        owner_id=deal.owner_id,
        team_id=deal.team_id,
        visibility=deal.visibility,
    )
    open_ticket(session, command, now=now, ticket_id=ids.derived(origin), may_refuse=False)


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
