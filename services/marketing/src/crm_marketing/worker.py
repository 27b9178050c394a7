"""The reactions and timers of marketing."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import db, listen
from crm_contracts.contacts import ContactMerged, ContactUnmerged
from crm_contracts.sales import DealWon
from crm_marketing import reactions
from crm_marketing.commands import enrollments, evaluation, tallies
from crm_marketing.commands.post import Post
from crm_marketing.commands.sending import Sender
from crm_marketing.copies import CONTACTS
from crm_marketing.model.tracking import Tracking
from crm_marketing.settings import Settings

CLOCKWORK = db.Context(actor="service:marketing", source="event")
IN_BULK = db.Context(actor="service:marketing", source="event", bulk=True)


class Worker:
    """One method per fact and one per rule of the clock."""

    name = "marketing"
    runtime: Any = None
    settings: Settings
    sender: Sender | None = None

    @listen.to(DealWon)
    def on_deal_won(self, session: Session, fact: DealWon, now: datetime) -> None:
        reactions.deal_won(session, fact, now=now)

    @listen.to(ContactMerged)
    def on_contact_merged(self, session: Session, fact: ContactMerged, now: datetime) -> None:
        reactions.contact_merged(session, fact, CONTACTS, now=now)

    @listen.to(ContactUnmerged)
    def on_contact_unmerged(self, session: Session, fact: ContactUnmerged, now: datetime) -> None:
        reactions.contact_unmerged(session, fact, CONTACTS, now=now)

    @listen.every(seconds=1)
    def keep_segments(self, sessions: sessionmaker[Session], now: datetime) -> None:
        evaluation.keep_segments(sessions, now=now)

    @listen.every(seconds=1)
    def enroll_members(self, sessions: sessionmaker[Session], now: datetime) -> None:
        for _ in range(evaluation.ROUNDS):
            with db.transaction(sessions, IN_BULK) as session:
                if not enrollments.enroll_members(session, now=now):
                    return

    @listen.every(seconds=1)
    def send_messages(self, sessions: sessionmaker[Session], now: datetime) -> None:
        del now
        fault = self._sender().run(sessions, stopping=lambda: self.runtime.stopping)
        self.runtime.note("mail", fault)

    @listen.every(seconds=5)
    def count(self, sessions: sessionmaker[Session], now: datetime) -> None:
        for work in (tallies.count_segments, tallies.count_campaigns):
            with db.transaction(sessions, CLOCKWORK) as session:
                work(session, now=now)

    @listen.every(seconds=300)
    def evaluate_nightly(self, sessions: sessionmaker[Session], now: datetime) -> None:
        with db.transaction(sessions, CLOCKWORK) as session:
            evaluation.evaluate_nightly(session, now=now)

    def _sender(self) -> Sender:
        """The process's sender: nameko makes a worker for each call."""
        if Worker.sender is None:
            settings = self.settings
            post = Post(settings.smtp_url, settings.mail_from)
            tracking = Tracking(settings.public_url, settings.tracking_key)
            Worker.sender = Sender(post, tracking)
        return Worker.sender
