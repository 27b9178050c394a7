"""The reactions and timers of sales."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import db, listen, logs
from crm_contracts.contacts import (
    AccountMerged,
    AccountUnmerged,
    ContactMerged,
    ContactUnmerged,
    LeadConversionAnswered,
    LeadConversionRefused,
)
from crm_sales import queries, reactions
from crm_sales.commands import pipelines
from crm_sales.copies import ACCOUNTS, CONTACTS

ANSWER_WITHIN = timedelta(minutes=10)
CLOCKWORK = "service:sales"
log = logs.get(__name__)


class Worker:
    """One line per fact and one per rule of the clock."""

    name = "sales"
    runtime: Any = None

    @listen.to(LeadConversionAnswered)
    def on_lead_conversion_answered(
        self, session: Session, fact: LeadConversionAnswered, now: datetime
    ) -> None:
        reactions.lead_conversion_answered(session, fact, now=now)

    @listen.to(LeadConversionRefused)
    def on_lead_conversion_refused(
        self, session: Session, fact: LeadConversionRefused, now: datetime
    ) -> None:
        reactions.lead_conversion_refused(session, fact, now=now)

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

    @listen.every(seconds=2)
    def carry_stage_names(self, sessions: sessionmaker[Session], now: datetime) -> None:
        with db.transaction(
            sessions, db.Context(actor=CLOCKWORK, source="event", bulk=True)
        ) as session:
            pipelines.carry_stage_names(session, now=now)

    @listen.every(seconds=60)
    def report_unanswered_conversions(self, sessions: sessionmaker[Session], now: datetime) -> None:
        with sessions() as session:
            waiting = queries.unanswered_conversions(session, before=now - ANSWER_WITHIN)
        if waiting:
            log.error("conversions unanswered", extra={"lead_ids": [str(one) for one in waiting]})
