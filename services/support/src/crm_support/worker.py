"""The reactions and timers of support."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import db, listen
from crm_contracts.contacts import (
    AccountMerged,
    AccountUnmerged,
    ContactMerged,
    ContactUnmerged,
)
from crm_contracts.sales import DealWon
from crm_support import reactions
from crm_support.commands import clocks, statuses
from crm_support.copies import ACCOUNTS, CONTACTS

CLOSED_AFTER_SILENCE = timedelta(days=7)


def clockwork() -> db.Context:
    """Who acts when a clock does; each run is a chain of causes of its own."""
    return db.Context(actor="service:support", source="event")


class Worker:
    """One line per fact and one per rule of the clock."""

    name = "support"
    runtime: Any = None

    @listen.to(DealWon)
    def on_deal_won(self, session: Session, fact: DealWon, now: datetime) -> None:
        reactions.deal_won(session, fact, now=now)

    @listen.to(ContactMerged)
    def on_contact_merged(self, session: Session, fact: ContactMerged, now: datetime) -> None:
        reactions.contact_merged(session, fact, CONTACTS, now=now)

    @listen.to(ContactUnmerged)
    def on_contact_unmerged(self, session: Session, fact: ContactUnmerged, now: datetime) -> None:
        reactions.contact_unmerged(session, fact, CONTACTS, now=now)

    @listen.to(AccountMerged)
    def on_account_merged(self, session: Session, fact: AccountMerged, now: datetime) -> None:
        reactions.account_merged(session, fact, ACCOUNTS, now=now)

    @listen.to(AccountUnmerged)
    def on_account_unmerged(self, session: Session, fact: AccountUnmerged, now: datetime) -> None:
        reactions.account_unmerged(session, fact, ACCOUNTS, now=now)

    @listen.every(seconds=5)
    def breach_overdue_clocks(self, sessions: sessionmaker[Session], now: datetime) -> None:
        with db.transaction(sessions, clockwork()) as session:
            clocks.breach_overdue_clocks(session, now=now)

    @listen.every(seconds=60)
    def close_silent_tickets(self, sessions: sessionmaker[Session], now: datetime) -> None:
        with db.transaction(sessions, clockwork()) as session:
            statuses.close_silent_tickets(
                session, resolved_before=now - CLOSED_AFTER_SILENCE, now=now
            )
