"""The facts contacts reacts to."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import db, listen
from crm_contacts import reactions
from crm_contacts.commands import consents, jobs, reminding, scanning
from crm_contacts.schemas import rows
from crm_contracts import marketing, sales, support

_WORKS = jobs.works(rows.checked)
CLOCKWORK = db.Context(actor="service:contacts", source="event")


class Worker:
    """One method per fact; each is called once per fact, in a transaction of its own."""

    name = "contacts"
    runtime: Any = None

    @listen.to(sales.DealWon)
    def on_deal_won(self, session: Session, fact: sales.DealWon, now: datetime) -> None:
        """Count the customers."""
        reactions.deal_won(session, fact, now=now)

    @listen.to(sales.LeadConversionRequested)
    def on_lead_conversion_requested(
        self, session: Session, fact: sales.LeadConversionRequested, now: datetime
    ) -> None:
        """Answer the conversion."""
        reactions.lead_conversion_requested(session, fact, now=now)

    @listen.to(support.TicketOpened)
    def on_ticket_opened(self, session: Session, fact: support.TicketOpened, now: datetime) -> None:
        """Raise the alarm if it is urgent."""
        reactions.ticket_opened(session, fact, now=now)

    @listen.to(support.TicketPriorityChanged)
    def on_ticket_priority_changed(
        self, session: Session, fact: support.TicketPriorityChanged, now: datetime
    ) -> None:
        """Raise the alarm if it is urgent now."""
        reactions.ticket_priority_changed(session, fact, now=now)

    @listen.to(sales.ReferencesRepointed)
    def on_sales_references_repointed(
        self, session: Session, fact: sales.ReferencesRepointed, now: datetime
    ) -> None:
        """Note that sales has followed a merge."""
        reactions.references_repointed(session, fact, now=now)

    @listen.to(marketing.ReferencesRepointed)
    def on_marketing_references_repointed(
        self, session: Session, fact: marketing.ReferencesRepointed, now: datetime
    ) -> None:
        """Note that marketing has followed a merge."""
        reactions.references_repointed(session, fact, now=now)

    @listen.to(support.ReferencesRepointed)
    def on_support_references_repointed(
        self, session: Session, fact: support.ReferencesRepointed, now: datetime
    ) -> None:
        """Note that support has followed a merge."""
        reactions.references_repointed(session, fact, now=now)

    @listen.every(seconds=1)
    def run_jobs(self, sessions: sessionmaker[Session], now: datetime) -> None:
        """Carry on with long work."""
        del now
        jobs.run(sessions, kinds=_WORKS, rest=lambda: self.runtime.rest(0))

    @listen.every(seconds=2)
    def remind(self, sessions: sessionmaker[Session], now: datetime) -> None:
        """Remind people of their tasks, and say which are overdue."""
        for work in (reminding.remind, reminding.note_overdue):
            with db.transaction(sessions, CLOCKWORK) as session:
                work(session, now=now)

    @listen.every(seconds=60)
    def expire_consents(self, sessions: sessionmaker[Session], now: datetime) -> None:
        """End the consents whose time is over."""
        with db.transaction(sessions, CLOCKWORK) as session:
            consents.expire_consents(session, now=now)

    @listen.every(seconds=3600)
    def scan_newcomers(self, sessions: sessionmaker[Session], now: datetime) -> None:
        """Compare everybody, if anybody came in."""
        with db.transaction(sessions, CLOCKWORK) as session:
            scanning.scan_newcomers(session, now=now)
