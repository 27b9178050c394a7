"""The facts contacts reacts to."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import db, listen
from crm_contacts import reactions
from crm_contacts.commands import (
    consents,
    jobs,
    quality,
    relationships,
    reminding,
    scanning,
    tags,
    tracking,
)
from crm_contacts.commands import documents as document_commands
from crm_contacts.commands.contents import contents_at
from crm_contacts.commands.documents.keeping import EXPIRED_AT_ONCE
from crm_contacts.commands.importing import forgetting
from crm_contacts.commands.purchases import keeping
from crm_contacts.schemas import rows
from crm_contacts.settings import Settings
from crm_contracts import marketing, sales, support

_WORKS = jobs.works(rows.checked)
CLOCKWORK = db.Context(actor="service:contacts", source="event")


class Worker:
    """One method per fact; each is called once per fact, in a transaction of its own."""

    name = "contacts"
    runtime: Any = None
    settings: Settings

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

    @listen.to(marketing.MessageUnsubscribed)
    def on_message_unsubscribed(
        self, session: Session, fact: marketing.MessageUnsubscribed, now: datetime
    ) -> None:
        """Write the withdrawal down."""
        reactions.message_unsubscribed(session, fact, now=now)

    @listen.to(marketing.MessageComplained)
    def on_message_complained(
        self, session: Session, fact: marketing.MessageComplained, now: datetime
    ) -> None:
        """Write the withdrawal down."""
        reactions.message_complained(session, fact, now=now)

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

    @listen.every(seconds=5)
    def find_buyers(self, sessions: sessionmaker[Session], now: datetime) -> None:
        """Give purchases that came before their buyer to them."""
        _repeat(sessions, keeping.find_buyers, now, at_once=keeping.AT_ONCE)

    @listen.every(seconds=10)
    def mark_overdue(self, sessions: sessionmaker[Session], now: datetime) -> None:
        """Have invoices be overdue whose day is over."""
        _repeat(sessions, keeping.mark_overdue, now, at_once=keeping.AT_ONCE)

    @listen.every(seconds=60)
    def expire_documents(self, sessions: sessionmaker[Session], now: datetime) -> None:
        """Have documents be over whose last day is."""
        _repeat(sessions, document_commands.expire_documents, now, at_once=EXPIRED_AT_ONCE)

    @listen.every(seconds=5)
    def carry_relationship_names(self, sessions: sessionmaker[Session], now: datetime) -> None:
        """Give relationships the new names of their types."""
        _repeat(sessions, relationships.carry_names, now, at_once=relationships.AT_ONCE)

    @listen.every(seconds=60)
    def fold_tag_counts(self, sessions: sessionmaker[Session], now: datetime) -> None:
        """Keep the counts of tags short."""
        _repeat(sessions, tags.fold_counts, now, at_once=tags.FOLDED_AT_ONCE)

    @listen.every(seconds=3600)
    def audit_quality(self, sessions: sessionmaker[Session], now: datetime) -> None:
        """Look at all data once a day."""
        with db.transaction(sessions, CLOCKWORK) as session:
            quality.audit_daily(session, now=now)

    @listen.every(seconds=3600)
    def forget_quotas(self, sessions: sessionmaker[Session], now: datetime) -> None:
        """Lose what was counted of events on earlier days."""
        with db.transaction(sessions, CLOCKWORK) as session:
            tracking.forget_quotas(session, now=now)

    @listen.every(seconds=600)
    def forget_files(self, sessions: sessionmaker[Session], now: datetime) -> None:
        """Delete files of people, and what was read of them, when their time is over."""
        before = now - timedelta(days=self.settings.keep_imports_days)

        def work(session: Session, *, now: datetime) -> int:
            return forgetting.forget_old(session, before=before, now=now)

        _repeat(sessions, work, now, at_once=forgetting.AT_ONCE)

    @listen.every(seconds=600)
    def clean_contents(self, sessions: sessionmaker[Session], now: datetime) -> None:
        """Lose the contents that no document has any more."""
        contents = contents_at(self.settings.files_url)

        def work(session: Session, *, now: datetime) -> int:
            return document_commands.clean_up(session, contents, now=now)

        _repeat(sessions, work, now, at_once=document_commands.AT_ONCE)


def _repeat(
    sessions: sessionmaker[Session], work: Callable[..., int], now: datetime, *, at_once: int
) -> None:
    """Do work a transaction at a time, until there is less of it than fits into one."""
    done = at_once
    while done >= at_once:
        with db.transaction(sessions, CLOCKWORK) as session:
            done = work(session, now=now)
