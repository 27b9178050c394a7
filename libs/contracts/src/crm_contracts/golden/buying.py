"""What the customer of the golden samples bought, owes and subscribes to."""

from decimal import Decimal
from typing import Any

from crm_contracts.base import Money, Record
from crm_contracts.contacts.purchases import (
    Invoice,
    MoneyBack,
    Order,
    Payment,
    PurchaseLine,
    Subscription,
)
from crm_contracts.golden.rows import ACCOUNT, CONTACT, at, id_, row

_LINES = (
    PurchaseLine(
        sku="PUMP-40",
        name="Pump 40 l/min",
        quantity=Decimal(2),
        unit_price=Decimal("499.00"),
        discount=Decimal("98.00"),
        tax=Decimal("171.00"),
        total=Decimal("900.00"),
    ),
)


def _euros(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def _row(number: int) -> dict[str, Any]:
    return row(id_(number), number) | {"owner_id": None, "team_id": None}


_SUMS: dict[str, Any] = {
    "subtotal": _euros("900.00"),
    "discount": _euros("0.00"),
    "tax": _euros("171.00"),
    "shipping": _euros("29.00"),
    "total": _euros("1100.00"),
}
PURCHASES: list[Record] = [
    Order(
        **_row(101),
        **_SUMS,
        source="shop",
        external_id="gid-4711",
        revision=2,
        occurred_at=at(2, 12, 30),
        number="S-4711",
        status="paid",
        contact_id=CONTACT,
        account_id=ACCOUNT,
        placed_at=at(2, 12),
        channel="web",
        lines=_LINES,
        refunded=_euros("0.00"),
    ),
    Invoice(
        **_row(102),
        **_SUMS,
        source="ledger",
        external_id="inv-2026-0815",
        number="2026-0815",
        order_external_id="gid-4711",
        status="open",
        contact_id=CONTACT,
        account_id=ACCOUNT,
        issued_at=at(2, 13),
        due_at=at(16, 22, 59),
        lines=_LINES,
        payments=(Payment(external_id="pay-1", amount=Decimal("100.00"), at=at(4)),),
        open_amount=_euros("1000.00"),
    ),
    Subscription(
        **_row(103),
        source="billing",
        external_id="sub-77",
        number="SUB-77",
        plan="Maintenance",
        status="active",
        contact_id=CONTACT,
        account_id=ACCOUNT,
        quantity=Decimal(3),
        amount=_euros("360.00"),
        interval="year",
        interval_count=1,
        monthly_amount=_euros("30.00"),
        started_at=at(2, 15),
        renews_at=at(30, 15),
    ),
]
BOUGHT: dict[str, dict[str, Any]] = {
    "contacts.order.carted": {"version": 1, "status": "cart", "placed_at": None, "number": None},
    "contacts.order.cancelled": {"status": "cancelled"},
    "contacts.order.refunded": {
        "refunds": (MoneyBack(external_id="r-1", amount=Decimal("50.00"), at=at(9)),),
        "refunded": _euros("50.00"),
    },
    "contacts.invoice.overdue": {"status": "overdue", "overdue_at": at(17)},
    "contacts.invoice.paid": {
        "status": "paid",
        "payments": (Payment(external_id="pay-2", amount=Decimal("1100.00"), at=at(20)),),
        "open_amount": _euros("0.00"),
        "paid_at": at(20),
    },
    "contacts.invoice.voided": {"status": "void", "open_amount": _euros("0.00")},
    "contacts.invoice.written_off": {"status": "written_off", "open_amount": _euros("0.00")},
    "contacts.subscription.cancelled": {"status": "cancelled", "cancelled_at": at(21)},
    "contacts.subscription.ended": {"status": "ended", "ends_at": at(30, 15)},
}
