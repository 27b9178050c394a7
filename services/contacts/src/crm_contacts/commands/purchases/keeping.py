"""Putting purchases away and bringing them back; finding their buyers later; the clock."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_contacts.commands.changing import expect
from crm_contacts.commands.purchases.recording import count_buyers
from crm_contacts.commands.purchases.together import settle
from crm_contacts.events import purchases as events
from crm_contacts.model.errors import BuyerUnknown
from crm_contacts.model.purchase import Invoice, Order, Purchase, Subscription
from crm_contacts.queries import purchases as queries
from crm_contacts.queries import records
from crm_contacts.queries.purchases import Match

AT_ONCE = 200  # purchases a transaction
_UPDATED: dict[type[Any], outbox.Factory] = {
    Order: events.order_updated,
    Invoice: events.invoice_updated,
    Subscription: events.subscription_updated,
}
_ARCHIVED: dict[type[Any], outbox.Factory] = {
    Order: events.order_archived,
    Invoice: events.invoice_archived,
    Subscription: events.subscription_archived,
}
_RESTORED: dict[type[Any], outbox.Factory] = {
    Order: events.order_restored,
    Invoice: events.invoice_restored,
    Subscription: events.subscription_restored,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePurchase:
    """Put an order, an invoice or a subscription away."""

    kind: type[Purchase]
    purchase_id: UUID
    expected_version: int | None


def archive_purchase(session: Session, command: ArchivePurchase, *, now: datetime) -> Purchase:
    """Archive once and announce it. Raises NotFound, StaleVersion."""
    purchase = records.for_update(session, command.kind, command.purchase_id)
    if purchase.archived_at is not None:
        return purchase
    expect(purchase, command.expected_version)
    purchase.archive(at=now)
    outbox.add(session, _ARCHIVED[command.kind], purchase, at=now)
    return purchase


@dataclass(frozen=True, slots=True, kw_only=True)
class RestorePurchase:
    """Bring an archived one back."""

    kind: type[Purchase]
    purchase_id: UUID
    expected_version: int | None


def restore_purchase(session: Session, command: RestorePurchase, *, now: datetime) -> Purchase:
    """Restore once and announce it. Raises NotFound, StaleVersion."""
    purchase = records.for_update(session, command.kind, command.purchase_id)
    if purchase.archived_at is None:
        return purchase
    expect(purchase, command.expected_version)
    purchase.restore()
    outbox.add(session, _RESTORED[command.kind], purchase, at=now)
    return purchase


def find_buyers(session: Session, *, now: datetime) -> int:
    """Give purchases whose buyer is known by now to them; return how many."""
    return sum(_find_buyers(session, kind, now=now) for kind in _UPDATED)


def _find_buyers(session: Session, kind: type[Any], *, now: datetime) -> int:
    found = queries.waiting(session, kind, limit=AT_ONCE)
    wanted = {id_: Match(contact_id=who, account_id=account) for id_, who, account in found}
    living = settle(session, wanted.values())
    given = 0
    for purchase in queries.by_id(session, kind, wanted).values():
        match = living[wanted[purchase.id]]
        if isinstance(match, BuyerUnknown) or purchase.awaited is None:
            continue
        purchase.belong_to(match.contact_id, purchase.account_id or match.account_id)
        outbox.add(session, _UPDATED[kind], purchase, at=now)
        given += 1
        if isinstance(purchase, Order):
            count_buyers(session, purchase, match, now=now)
    return given


def mark_overdue(session: Session, *, now: datetime) -> int:
    """Have open invoices be overdue whose day is over; return how many.

    An invoice is told to be overdue once, however often its day is put off and passes again.
    """
    found = queries.newly_overdue(session, before=now, limit=AT_ONCE)
    for invoice in found:
        is_first = invoice.become_overdue(at=now)
        told = events.invoice_overdue if is_first else events.invoice_updated
        outbox.add(session, told, invoice, at=now)
    return len(found)
