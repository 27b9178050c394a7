"""What customers bought, owe and subscribe to: other systems say it, we keep it in order."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate
from crm_contacts.model.root import Base
from crm_contacts.model.sums import NOTHING

_AMOUNT = Numeric(19, 4)
_MONTHS: Mapping[str, Decimal] = {
    "day": Decimal(12) / 365,
    "week": Decimal(84) / 365,
    "month": Decimal(1),
    "year": Decimal(12),
}
_CENT = Decimal("0.01")


class OrderStatus(StrEnum):
    """Where an order stands."""

    CART = "cart"
    PLACED = "placed"
    PAID = "paid"
    SHIPPED = "shipped"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class InvoiceStatus(StrEnum):
    """Where an invoice stands."""

    OPEN = "open"
    OVERDUE = "overdue"
    PAID = "paid"
    VOID = "void"
    WRITTEN_OFF = "written_off"


class SubscriptionStatus(StrEnum):
    """Where a subscription stands; a cancelled one runs on until it ends."""

    TRIAL = "trial"
    ACTIVE = "active"
    PAUSED = "paused"
    PAST_DUE = "past_due"
    CANCELLED = "cancelled"
    ENDED = "ended"


class Interval(StrEnum):
    """How often a subscription is paid."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


BOUGHT = frozenset({OrderStatus.PAID, OrderStatus.SHIPPED, OrderStatus.COMPLETED})


class Purchase(Aggregate, kw_only=True):
    """Mixin: whose it is, and what another system calls it; `awaited` until the buyer is known."""

    __abstract__ = True

    source: Mapped[str]
    external_id: Mapped[str]
    revision: Mapped[int | None] = mapped_column(BigInteger, default=None)
    occurred_at: Mapped[datetime | None] = mapped_column(default=None)
    number: Mapped[str | None] = mapped_column(default=None)
    contact_id: Mapped[UUID | None] = mapped_column(default=None)
    account_id: Mapped[UUID | None] = mapped_column(default=None)
    awaited: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), default=None)
    currency: Mapped[str]

    def is_overtaken(self, fields: Mapping[str, Any]) -> bool:
        """Whether a delivery says what was true before what is known."""
        for name in ("revision", "occurred_at"):
            said, known = fields.get(name), getattr(self, name)
            if said is not None and known is not None:
                return bool(said < known)
        return False

    def take_over(self, fields: Mapping[str, Any]) -> None:
        """Be as the source says; what it leaves unsaid, `revision` and times among it, stays."""
        for name, value in fields.items():
            if value != getattr(self, name):
                setattr(self, name, value)

    def belong_to(self, contact_id: UUID | None, account_id: UUID | None) -> None:
        """Have a buyer; nobody is awaited any more once the person is known."""
        self.contact_id = contact_id or self.contact_id
        self.account_id = account_id or self.account_id
        if self.contact_id is not None or (self.account_id and not self._awaits_person):
            self.awaited = None

    @property
    def _awaits_person(self) -> bool:
        return bool(self.awaited and (self.awaited.get("email") or self.awaited.get("external_id")))


class Order(Purchase, Base, kw_only=True):
    """An order of a shop, or a cart that may become one."""

    __tablename__ = "order"

    status: Mapped[OrderStatus]
    placed_at: Mapped[datetime | None] = mapped_column(default=None)
    channel: Mapped[str | None] = mapped_column(default=None)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default_factory=list)
    subtotal: Mapped[Decimal] = mapped_column(_AMOUNT)
    discount: Mapped[Decimal] = mapped_column(_AMOUNT, default=NOTHING)
    discount_codes: Mapped[list[str]] = mapped_column(ARRAY(Text), default_factory=list)
    tax: Mapped[Decimal] = mapped_column(_AMOUNT, default=NOTHING)
    tax_included: Mapped[bool] = mapped_column(default=False)
    shipping: Mapped[Decimal] = mapped_column(_AMOUNT, default=NOTHING)
    total: Mapped[Decimal] = mapped_column(_AMOUNT)
    margin: Mapped[Decimal | None] = mapped_column(_AMOUNT, default=None)
    refunds: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default_factory=list)
    refunded: Mapped[Decimal] = mapped_column(_AMOUNT, default=NOTHING)

    @property
    def makes_a_customer(self) -> bool:
        """Whether who bought counts as a customer."""
        return self.status in BOUGHT


class Invoice(Purchase, Base, kw_only=True):
    """An invoice of an accounting system, and how much of it is open."""

    __tablename__ = "invoice"

    order_external_id: Mapped[str | None] = mapped_column(default=None)
    status: Mapped[InvoiceStatus]
    issued_at: Mapped[datetime | None] = mapped_column(default=None)
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    overdue_at: Mapped[datetime | None] = mapped_column(init=False, default=None)
    paid_at: Mapped[datetime | None] = mapped_column(default=None)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default_factory=list)
    subtotal: Mapped[Decimal] = mapped_column(_AMOUNT)
    discount: Mapped[Decimal] = mapped_column(_AMOUNT, default=NOTHING)
    tax: Mapped[Decimal] = mapped_column(_AMOUNT, default=NOTHING)
    tax_included: Mapped[bool] = mapped_column(default=False)
    shipping: Mapped[Decimal] = mapped_column(_AMOUNT, default=NOTHING)
    total: Mapped[Decimal] = mapped_column(_AMOUNT)
    payments: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default_factory=list)
    open_amount: Mapped[Decimal] = mapped_column(_AMOUNT)

    def take_over(self, fields: Mapping[str, Any]) -> None:
        """Be as the source says, but one that was told to be overdue is so until it is not."""
        values = dict(fields)
        if values.get("status") is InvoiceStatus.OPEN and self.status is InvoiceStatus.OVERDUE:
            values["status"] = self.status
        due_at = values.get("due_at")
        if self.status is InvoiceStatus.OVERDUE and due_at != self.due_at:
            values["status"] = fields["status"]  # the clock looks at it anew
        super().take_over(values)

    def become_overdue(self, *, at: datetime) -> bool:
        """Be overdue; say whether that was never told before."""
        self.status = InvoiceStatus.OVERDUE
        if self.overdue_at is not None:
            return False
        self.overdue_at = at
        return True


class Subscription(Purchase, Base, kw_only=True):
    """What a customer pays again and again, and for how long."""

    __tablename__ = "subscription"

    plan: Mapped[str]
    status: Mapped[SubscriptionStatus]
    quantity: Mapped[Decimal] = mapped_column(_AMOUNT, default=Decimal(1))
    amount: Mapped[Decimal] = mapped_column(_AMOUNT)
    interval: Mapped[Interval] = mapped_column(default=Interval.MONTH)
    interval_count: Mapped[int] = mapped_column(default=1)
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    trial_ends_at: Mapped[datetime | None] = mapped_column(default=None)
    renews_at: Mapped[datetime | None] = mapped_column(default=None)
    cancelled_at: Mapped[datetime | None] = mapped_column(default=None)
    ends_at: Mapped[datetime | None] = mapped_column(default=None)

    @property
    def monthly_amount(self) -> Decimal:
        """What it brings a month while it runs, to the cent."""
        if self.status in {SubscriptionStatus.ENDED, SubscriptionStatus.TRIAL}:
            return NOTHING
        months = _MONTHS[self.interval] * self.interval_count
        return (self.amount / months).quantize(_CENT)
