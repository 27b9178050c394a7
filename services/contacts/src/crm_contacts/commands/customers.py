"""Counting those as customers who bought."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_contacts import events
from crm_contacts.commands.holding import begin
from crm_contacts.queries import records
from crm_fields.objects import Held


@dataclass(frozen=True, slots=True, kw_only=True)
class CountAsCustomer:
    """The contact and the account of a sale, as far as there are any."""

    contact_id: UUID | None
    account_id: UUID | None
    since: datetime


def count_as_customer(session: Session, command: CountAsCustomer, *, now: datetime) -> None:
    """Make both customers and announce it; who is one already, or is unknown here, stays so."""
    account = records.account_for_update(session, command.account_id)
    if account is not None and not account.is_customer:
        holding = begin(session, Held.ACCOUNT, {}, now=now, record=account)
        account.become_customer(at=command.since)
        holding.judge(session, account, may_refuse=False)
        outbox.add(session, events.account_lifecycle_changed, account, at=now)
    contact = records.contact_for_update(session, command.contact_id)
    if contact is not None and not contact.is_customer:
        holding = begin(session, Held.CONTACT, {}, now=now, record=contact)
        contact.become_customer()
        holding.judge(session, contact, may_refuse=False)
        outbox.add(session, events.contact_lifecycle_changed, contact, at=now)
