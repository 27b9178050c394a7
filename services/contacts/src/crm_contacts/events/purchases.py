"""What contacts tells of orders, invoices and subscriptions."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crm_chassis.outbox import Announcement, record_fields
from crm_contacts.model.purchase import Invoice, Order, Purchase, Subscription
from crm_contracts import Money
from crm_contracts.contacts import purchases as contracts


def order_carted(order: Order) -> Announcement:
    return Announcement(contracts.OrderCarted, order_record(order))


def order_placed(order: Order) -> Announcement:
    return Announcement(contracts.OrderPlaced, order_record(order))


def order_updated(order: Order) -> Announcement:
    return Announcement(contracts.OrderUpdated, order_record(order))


def order_cancelled(order: Order) -> Announcement:
    return Announcement(contracts.OrderCancelled, order_record(order))


def order_refunded(order: Order) -> Announcement:
    return Announcement(contracts.OrderRefunded, order_record(order))


def order_archived(order: Order) -> Announcement:
    return Announcement(contracts.OrderArchived, order_record(order))


def order_restored(order: Order) -> Announcement:
    return Announcement(contracts.OrderRestored, order_record(order))


def invoice_recorded(invoice: Invoice) -> Announcement:
    return Announcement(contracts.InvoiceRecorded, invoice_record(invoice))


def invoice_updated(invoice: Invoice) -> Announcement:
    return Announcement(contracts.InvoiceUpdated, invoice_record(invoice))


def invoice_overdue(invoice: Invoice) -> Announcement:
    return Announcement(contracts.InvoiceOverdue, invoice_record(invoice))


def invoice_paid(invoice: Invoice) -> Announcement:
    return Announcement(contracts.InvoicePaid, invoice_record(invoice))


def invoice_voided(invoice: Invoice) -> Announcement:
    return Announcement(contracts.InvoiceVoided, invoice_record(invoice))


def invoice_written_off(invoice: Invoice) -> Announcement:
    return Announcement(contracts.InvoiceWrittenOff, invoice_record(invoice))


def invoice_archived(invoice: Invoice) -> Announcement:
    return Announcement(contracts.InvoiceArchived, invoice_record(invoice))


def invoice_restored(invoice: Invoice) -> Announcement:
    return Announcement(contracts.InvoiceRestored, invoice_record(invoice))


def subscription_started(subscription: Subscription) -> Announcement:
    return Announcement(contracts.SubscriptionStarted, subscription_record(subscription))


def subscription_updated(subscription: Subscription) -> Announcement:
    return Announcement(contracts.SubscriptionUpdated, subscription_record(subscription))


def subscription_cancelled(subscription: Subscription) -> Announcement:
    return Announcement(contracts.SubscriptionCancelled, subscription_record(subscription))


def subscription_ended(subscription: Subscription) -> Announcement:
    return Announcement(contracts.SubscriptionEnded, subscription_record(subscription))


def subscription_archived(subscription: Subscription) -> Announcement:
    return Announcement(contracts.SubscriptionArchived, subscription_record(subscription))


def subscription_restored(subscription: Subscription) -> Announcement:
    return Announcement(contracts.SubscriptionRestored, subscription_record(subscription))


def order_record(order: Order) -> contracts.Order:
    """The published shape of an order."""
    return contracts.Order(
        **_purchase_fields(order),
        **_sums(order),
        status=order.status,
        placed_at=order.placed_at,
        channel=order.channel,
        discount_codes=tuple(order.discount_codes),
        margin=None if order.margin is None else Money(order.margin, order.currency),
        refunds=tuple(contracts.MoneyBack(**_amount(each)) for each in order.refunds),
        refunded=Money(order.refunded, order.currency),
    )


def invoice_record(invoice: Invoice) -> contracts.Invoice:
    """The published shape of an invoice."""
    return contracts.Invoice(
        **_purchase_fields(invoice),
        **_sums(invoice),
        order_external_id=invoice.order_external_id,
        status=invoice.status,
        issued_at=invoice.issued_at,
        due_at=invoice.due_at,
        overdue_at=invoice.overdue_at,
        paid_at=invoice.paid_at,
        payments=tuple(contracts.Payment(**_amount(each)) for each in invoice.payments),
        open_amount=Money(invoice.open_amount, invoice.currency),
    )


def subscription_record(subscription: Subscription) -> contracts.Subscription:
    """The published shape of a subscription."""
    return contracts.Subscription(
        **_purchase_fields(subscription),
        plan=subscription.plan,
        status=subscription.status,
        quantity=_short(subscription.quantity),
        amount=Money(subscription.amount, subscription.currency),
        interval=subscription.interval,
        interval_count=subscription.interval_count,
        monthly_amount=Money(subscription.monthly_amount, subscription.currency),
        started_at=subscription.started_at,
        trial_ends_at=subscription.trial_ends_at,
        renews_at=subscription.renews_at,
        cancelled_at=subscription.cancelled_at,
        ends_at=subscription.ends_at,
    )


def _purchase_fields(purchase: Purchase) -> dict[str, Any]:
    awaited = {k: v for k, v in (purchase.awaited or {}).items() if k != "company_key"}
    return {
        **record_fields(purchase),
        "source": purchase.source,
        "external_id": purchase.external_id,
        "revision": purchase.revision,
        "occurred_at": purchase.occurred_at,
        "number": purchase.number,
        "contact_id": purchase.contact_id,
        "account_id": purchase.account_id,
        "awaited": contracts.AwaitedBuyer(**awaited) if purchase.awaited else None,
    }


def _sums(purchase: Order | Invoice) -> dict[str, Any]:
    return {
        "lines": tuple(contracts.PurchaseLine(**_line(each)) for each in purchase.lines),
        "subtotal": Money(purchase.subtotal, purchase.currency),
        "discount": Money(purchase.discount, purchase.currency),
        "tax": Money(purchase.tax, purchase.currency),
        "tax_included": purchase.tax_included,
        "shipping": Money(purchase.shipping, purchase.currency),
        "total": Money(purchase.total, purchase.currency),
    }


_DECIMALS = ("quantity", "unit_price", "discount", "tax", "total")


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    return {**line, **{name: Decimal(line[name]) for name in _DECIMALS}}


def _amount(part: Mapping[str, Any]) -> dict[str, Any]:
    return {**part, "amount": Decimal(part["amount"])}


def _short(number: Decimal) -> Decimal:
    """Without the zeros that a column adds."""
    return Decimal(f"{number.normalize():f}")
