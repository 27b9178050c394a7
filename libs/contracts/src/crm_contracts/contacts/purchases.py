"""What contacts publishes of what customers bought, owe and subscribe to, as other systems say."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from crm_contracts.base import Fact, Money, Record, ids_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseLine:
    """One line of an order or invoice; its amounts are in the currency of the whole."""

    sku: str | None = None
    name: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyBack:
    """A refund of an order."""

    external_id: str | None = None
    amount: Decimal
    at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What was paid of an invoice."""

    external_id: str | None = None
    amount: Decimal
    at: datetime | None = None
    method: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitedBuyer:
    """Who bought, as the source says; kept until such a customer is known."""

    email: str | None = None
    name: str | None = None
    external_id: str | None = None
    company: str | None = None
    domain: str | None = None
    account_external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(Record):
    """An order of a shop, or a cart that may become one."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "order"
    plural: ClassVar[str] = "orders"

    source: str
    external_id: str
    revision: int | None = None
    occurred_at: datetime | None = None
    number: str | None = None
    status: str
    contact_id: UUID | None = None
    account_id: UUID | None = None
    awaited: AwaitedBuyer | None = None
    placed_at: datetime | None = None
    channel: str | None = None
    lines: tuple[PurchaseLine, ...] = ()
    subtotal: Money
    discount: Money
    discount_codes: tuple[str, ...] = ()
    tax: Money
    tax_included: bool = False
    shipping: Money
    total: Money
    margin: Money | None = None
    refunds: tuple[MoneyBack, ...] = ()
    refunded: Money

    def customers(self) -> frozenset[UUID]:
        return ids_of(self.contact_id, self.account_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice(Record):
    """An invoice of an accounting system, and how much of it is open."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "invoice"
    plural: ClassVar[str] = "invoices"

    source: str
    external_id: str
    revision: int | None = None
    occurred_at: datetime | None = None
    number: str | None = None
    order_external_id: str | None = None
    status: str
    contact_id: UUID | None = None
    account_id: UUID | None = None
    awaited: AwaitedBuyer | None = None
    issued_at: datetime | None = None
    due_at: datetime | None = None
    overdue_at: datetime | None = None
    paid_at: datetime | None = None
    lines: tuple[PurchaseLine, ...] = ()
    subtotal: Money
    discount: Money
    tax: Money
    tax_included: bool = False
    shipping: Money
    total: Money
    payments: tuple[Payment, ...] = ()
    open_amount: Money

    def customers(self) -> frozenset[UUID]:
        return ids_of(self.contact_id, self.account_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription(Record):
    """What a customer pays again and again, and for how long."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "subscription"
    plural: ClassVar[str] = "subscriptions"

    source: str
    external_id: str
    revision: int | None = None
    occurred_at: datetime | None = None
    number: str | None = None
    plan: str
    status: str
    contact_id: UUID | None = None
    account_id: UUID | None = None
    awaited: AwaitedBuyer | None = None
    quantity: Decimal
    amount: Money
    interval: str
    interval_count: int
    monthly_amount: Money
    started_at: datetime | None = None
    trial_ends_at: datetime | None = None
    renews_at: datetime | None = None
    cancelled_at: datetime | None = None
    ends_at: datetime | None = None

    def customers(self) -> frozenset[UUID]:
        return ids_of(self.contact_id, self.account_id)


class OrderCarted(Fact[Order], type="contacts.order.carted.v1", title="Filled a cart"):
    """Something was put into a cart."""


class OrderPlaced(
    Fact[Order], type="contacts.order.placed.v1", title="Ordered: {number}", at="placed_at"
):
    """An order was placed, or is known from now on."""


class OrderUpdated(Fact[Order], type="contacts.order.updated.v1"):
    """An order or a cart changed, or belongs to another customer now."""


class OrderCancelled(
    Fact[Order], type="contacts.order.cancelled.v1", title="Order cancelled: {number}"
):
    """An order was cancelled."""


class OrderRefunded(
    Fact[Order], type="contacts.order.refunded.v1", title="Order refunded: {number}"
):
    """Money of an order was given back; `refunded` is the sum so far."""


class OrderArchived(Fact[Order], type="contacts.order.archived.v1"):
    """An order was archived."""


class OrderRestored(Fact[Order], type="contacts.order.restored.v1"):
    """An archived order was brought back."""


class InvoiceRecorded(
    Fact[Invoice], type="contacts.invoice.recorded.v1", title="Invoice: {number}", at="issued_at"
):
    """An invoice is known from now on."""


class InvoiceUpdated(Fact[Invoice], type="contacts.invoice.updated.v1"):
    """An invoice changed, part of it was paid, or it belongs to another customer now."""


class InvoiceOverdue(
    Fact[Invoice], type="contacts.invoice.overdue.v1", title="Invoice overdue: {number}"
):
    """The day an invoice was due is over and it is not paid; told once per invoice."""


class InvoicePaid(Fact[Invoice], type="contacts.invoice.paid.v1", title="Invoice paid: {number}"):
    """Nothing of an invoice is open any more, for all of it was paid."""


class InvoiceVoided(
    Fact[Invoice], type="contacts.invoice.voided.v1", title="Invoice voided: {number}"
):
    """An invoice does not count."""


class InvoiceWrittenOff(
    Fact[Invoice], type="contacts.invoice.written_off.v1", title="Invoice written off: {number}"
):
    """Nobody expects an invoice to be paid any more."""


class InvoiceArchived(Fact[Invoice], type="contacts.invoice.archived.v1"):
    """An invoice was archived."""


class InvoiceRestored(Fact[Invoice], type="contacts.invoice.restored.v1"):
    """An archived invoice was brought back."""


class SubscriptionStarted(
    Fact[Subscription],
    type="contacts.subscription.started.v1",
    title="Subscribed: {plan}",
    at="started_at",
):
    """A subscription began, or is known from now on."""


class SubscriptionUpdated(Fact[Subscription], type="contacts.subscription.updated.v1"):
    """A subscription changed, or belongs to another customer now."""


class SubscriptionCancelled(
    Fact[Subscription],
    type="contacts.subscription.cancelled.v1",
    title="Subscription cancelled: {plan}",
):
    """A subscription will not be renewed."""


class SubscriptionEnded(
    Fact[Subscription], type="contacts.subscription.ended.v1", title="Subscription ended: {plan}"
):
    """A subscription is over."""


class SubscriptionArchived(Fact[Subscription], type="contacts.subscription.archived.v1"):
    """A subscription was archived."""


class SubscriptionRestored(Fact[Subscription], type="contacts.subscription.restored.v1"):
    """An archived subscription was brought back."""
