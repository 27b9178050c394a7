"""Taking in a delivery: an order, an invoice or a subscription as it stands now."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_contacts.commands import customers
from crm_contacts.commands.purchases.together import Delivery, Known, known_of
from crm_contacts.events import purchases as events
from crm_contacts.model.errors import DoesNotAddUp
from crm_contacts.model.purchase import (
    Invoice,
    InvoiceStatus,
    Order,
    OrderStatus,
    Purchase,
    Subscription,
    SubscriptionStatus,
)
from crm_contacts.model.sums import NOTHING, Line, Said, added_up, part_of
from crm_contacts.model.values import company_key
from crm_contacts.queries import purchases as queries
from crm_contacts.queries.purchases import Buyer, Match

P = TypeVar("P", bound=Purchase)
_ENDS = time(23, 59, 59)
_SUMMED = ("lines", "subtotal", "discount", "tax", "tax_included", "shipping", "total")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOrder:
    """An order as its shop says it is now; amounts are of `fields["currency"]`."""

    of: ClassVar[type[Order]] = Order

    source: str
    external_id: str
    buyer: Buyer
    fields: Mapping[str, Any]


def record_order(session: Session, command: RecordOrder, *, now: datetime) -> Order:
    """Keep an order and announce what differs. Raises BuyerUnknown, DoesNotAddUp."""
    fields = _summed(command.fields)
    refunded, refunds = part_of(fields.pop("refunds", ()), fields["total"], field="refunds")
    fields |= {"refunds": refunds, "refunded": refunded}
    fields |= _instants(session, fields, {"placed_at": time()})
    known = known_of(session, command)
    kept = _kept(session, known, command, fields, _tell_order, now=now)
    if kept.status is not OrderStatus.CART and kept.placed_at is None:
        kept.placed_at = kept.occurred_at or now
    if kept in session.new or session.is_modified(kept):
        count_buyers(session, kept, known.buyer_of(command), now=now)
    return kept


def _tell_order(order: Order, before: Mapping[str, Any]) -> outbox.Factory:
    status = before.get("status")
    if status is None:
        return events.order_carted if order.status is OrderStatus.CART else events.order_placed
    if order.refunded > before["refunded"]:
        return events.order_refunded
    if order.status is not status and order.status is OrderStatus.CANCELLED:
        return events.order_cancelled
    is_placed = status is OrderStatus.CART and order.status is not status
    return events.order_placed if is_placed else events.order_updated


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordInvoice:
    """An invoice as its ledger says it is now; `fields["due_at"]` may be a day: all of it."""

    of: ClassVar[type[Invoice]] = Invoice

    source: str
    external_id: str
    buyer: Buyer
    fields: Mapping[str, Any]


def record_invoice(session: Session, command: RecordInvoice, *, now: datetime) -> Invoice:
    """Keep an invoice and announce what differs; the clock finds out that it is overdue.

    Raises BuyerUnknown, DoesNotAddUp.
    """
    fields = _summed(command.fields)
    paid, payments = part_of(fields.get("payments", ()), fields["total"], field="payments")
    fields |= _standing(fields, paid) | {"payments": payments}
    fields |= _instants(session, fields, {"issued_at": time(), "due_at": _ENDS})
    known = known_of(session, command)
    kept = _kept(session, known, command, fields, _tell_invoice, now=now)
    if kept.status is InvoiceStatus.PAID and kept.paid_at is None:
        kept.paid_at = kept.occurred_at or now
    return kept


def _standing(fields: Mapping[str, Any], paid: Decimal) -> dict[str, Any]:
    """What is open of an invoice, and since when nothing is, if that is said."""
    said, rest = fields.get("open_amount"), fields["total"] - paid
    if said is not None and (said > fields["total"] or (paid and said != rest)):
        raise DoesNotAddUp({"open_amount": [f"says {said}, but it comes to {rest}"]})
    rest = rest if said is None else said
    status = fields.get("status") or InvoiceStatus.OPEN
    if status in {InvoiceStatus.VOID, InvoiceStatus.WRITTEN_OFF}:
        return {"status": status, "open_amount": NOTHING, "paid_at": None}
    if status is not InvoiceStatus.PAID and rest > 0:
        return {"status": InvoiceStatus.OPEN, "open_amount": rest, "paid_at": None}
    times = [each["at"] for each in fields.get("payments", ()) if each.get("at")]
    paid_at = fields.get("paid_at") or max(times, default=None)
    known = {"paid_at": paid_at} if paid_at else {}
    return {"status": InvoiceStatus.PAID, "open_amount": NOTHING, **known}


_INVOICE_VERBS: Mapping[InvoiceStatus, outbox.Factory] = {
    InvoiceStatus.PAID: events.invoice_paid,
    InvoiceStatus.VOID: events.invoice_voided,
    InvoiceStatus.WRITTEN_OFF: events.invoice_written_off,
}


def _tell_invoice(invoice: Invoice, before: Mapping[str, Any]) -> outbox.Factory:
    if not before:
        return events.invoice_recorded
    told = events.invoice_updated
    is_same = before["status"] is invoice.status
    return told if is_same else _INVOICE_VERBS.get(invoice.status, told)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSubscription:
    """A subscription as the billing system says it is now."""

    of: ClassVar[type[Subscription]] = Subscription

    source: str
    external_id: str
    buyer: Buyer
    fields: Mapping[str, Any]


def record_subscription(
    session: Session, command: RecordSubscription, *, now: datetime
) -> Subscription:
    """Keep a subscription and announce what differs. Raises BuyerUnknown."""
    days = ("started_at", "trial_ends_at", "renews_at", "cancelled_at", "ends_at")
    fields = dict(command.fields)
    fields |= _instants(session, fields, {name: time() for name in days})
    known = known_of(session, command)
    return _kept(session, known, command, fields, _tell_subscription, now=now)


def _tell_subscription(subscription: Subscription, before: Mapping[str, Any]) -> outbox.Factory:
    if not before:
        return events.subscription_started
    verbs = {
        SubscriptionStatus.CANCELLED: events.subscription_cancelled,
        SubscriptionStatus.ENDED: events.subscription_ended,
    }
    is_same = before["status"] is subscription.status
    told = events.subscription_updated
    return told if is_same else verbs.get(subscription.status, told)


def _kept(
    session: Session,
    known: Known,
    delivery: Any,
    fields: Mapping[str, Any],
    verb: Callable[[P, Mapping[str, Any]], outbox.Factory],
    *,
    now: datetime,
) -> P:
    """Make a purchase, or change it unless it is known better; announce what differs."""
    buyer, key = known.buyer_of(delivery), (delivery.source, delivery.external_id)
    found: P | None = known.purchases.get(key)
    if found is None:
        kind = delivery.of
        found = kind(source=key[0], external_id=key[1], awaited=_awaited(delivery), **fields)
        found.belong_to(buyer.contact_id, buyer.account_id)
        outbox.add(session, verb(found, {}), found, at=now)
        known.purchases[key] = found
        return found
    if found.is_overtaken(fields):
        return found
    before = {name: getattr(found, name, None) for name in ("status", "refunded")}
    found.take_over(fields)
    _give_buyer(found, delivery, buyer)
    if session.is_modified(found):
        outbox.add(session, verb(found, before), found, at=now)
    return found


def _give_buyer(purchase: Purchase, delivery: Delivery, buyer: Match) -> None:
    """Ids always count; a description finds the buyer only as long as none is known."""
    said = delivery.buyer
    if purchase.contact_id is None:
        purchase.awaited = _awaited(delivery)
    contact_id = buyer.contact_id if said.contact_id or not purchase.contact_id else None
    account_id = buyer.account_id if said.account_id or not purchase.account_id else None
    purchase.belong_to(contact_id, account_id)


def _awaited(delivery: Delivery) -> dict[str, Any] | None:
    said = {
        name: value
        for name, value in asdict(delivery.buyer).items()
        if value and name not in {"contact_id", "account_id"}
    }
    if company := said.get("company"):
        said["company_key"] = company_key(company)
    return said or None


def _summed(fields: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(fields)
    said = {name: values.pop(name) for name in _SUMMED if name in values}
    said["lines"] = [Line(**each) for each in said.get("lines", ())]
    sums = added_up(Said(currency=values["currency"], **said))
    return values | asdict(sums) | {"tax_included": said.get("tax_included", False)}


def _instants(
    session: Session, fields: Mapping[str, Any], days: Mapping[str, time]
) -> dict[str, datetime]:
    """Days as instants at the given time of day where the company is."""
    plain = {
        name: fields[name]
        for name in days
        if isinstance(fields.get(name), date) and not isinstance(fields[name], datetime)
    }
    zone = queries.company_zone(session) if plain else UTC
    return {
        name: datetime.combine(day, days[name], zone).astimezone(UTC) for name, day in plain.items()
    }


def count_buyers(session: Session, order: Order, buyer: Match, *, now: datetime) -> None:
    """Who bought is a customer from now on; a cart makes none."""
    if order.makes_a_customer and not buyer.is_customer:
        command = customers.CountAsCustomer(
            contact_id=order.contact_id,
            account_id=order.account_id,
            since=order.placed_at or now,
        )
        customers.count_as_customer(session, command, now=now)
