"""Orders, invoices and subscriptions in JSON."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from crm_chassis.paging import PageIn
from crm_chassis.web import Moment, Name
from crm_contacts.model.purchase import Interval, InvoiceStatus, OrderStatus, SubscriptionStatus
from crm_contacts.model.values import web_domain
from crm_contacts.queries.purchases import Buyer
from crm_contacts.schemas.values import Normal, choice, email, optional_name

_LARGEST_AMOUNT, _MOST_DECIMALS = 10**14, 4
_MOST_LINES, _MOST_PARTS = 200, 100
_LARGEST_REVISION = 2**62
_KEY: tuple[str, ...] = ("source", "external_id")


class Amount(fields.Decimal):
    """A decimal, four decimals at most, in the currency of the whole; from 0 on, unless signed."""

    def __init__(self, *, signed: bool = False, **options: Any) -> None:
        """Take marshmallow's options; text keeps a decimal exact."""
        types = {"type": ["string", "number"]}
        super().__init__(validate=self._check, metadata=types, as_string=True, **options)
        self._least = -_LARGEST_AMOUNT if signed else 0

    def _check(self, number: Decimal) -> None:
        if not number.is_finite() or not self._least <= number <= _LARGEST_AMOUNT:
            raise ValidationError(f"Must be from {self._least} to {_LARGEST_AMOUNT}.")
        exponent = number.as_tuple().exponent
        if isinstance(exponent, int) and exponent < -_MOST_DECIMALS:
            raise ValidationError("At most four decimals.")


class DayOrMoment(Moment):
    """An instant with its offset; or a day, counted where the company is."""

    def _deserialize(self, value: Any, *arguments: Any, **options: Any) -> datetime | date:  # type: ignore[override]
        if isinstance(value, str) and len(value) == len("2026-11-30"):
            try:
                return date.fromisoformat(value)
            except ValueError as error:
                raise ValidationError("Not a date or time.") from error
        return super()._deserialize(value, *arguments, **options)


class CustomerIn(Schema):
    """Who bought, where no id of ours is known."""

    email = email(allow_none=True)
    name = optional_name()
    external_id = optional_name()
    company = optional_name()
    domain = Normal(web_domain, allow_none=True)
    account_external_id = optional_name()


class LineIn(Schema):
    """One line; its total, if said, is quantity * price - discount."""

    sku = optional_name(100)
    name = Name(required=True)
    quantity = Amount(load_default=Decimal(1))
    unit_price = Amount(required=True)
    discount = Amount(load_default=Decimal(0))
    tax = Amount(load_default=Decimal(0))
    total = Amount(allow_none=True)


class MoneyBackIn(Schema):
    """A refund."""

    external_id = optional_name()
    amount = Amount(required=True)
    at = Moment(allow_none=True)
    reason = optional_name(500)


class PaymentIn(Schema):
    """A payment."""

    external_id = optional_name()
    amount = Amount(required=True)
    at = Moment(allow_none=True)
    method = optional_name(60)


class KeyIn(Schema):
    """What names a purchase."""

    source = Name(required=True, longest=60)
    external_id = Name(required=True)


class PurchaseStateIn(Schema):
    """What every purchase says; `revision` or `occurred_at` keeps late news from undoing later."""

    revision = fields.Integer(strict=True, validate=validate.Range(0, _LARGEST_REVISION))
    occurred_at = Moment()
    number = Name(longest=100, allow_none=True, load_default=None)
    contact_id = fields.UUID(allow_none=True)
    account_id = fields.UUID(allow_none=True)
    customer = fields.Nested(CustomerIn, allow_none=True)
    currency = fields.String(required=True, validate=validate.Regexp(r"^[A-Z]{3}$"))

    @validates_schema
    def check_customer(self, found: dict[str, Any], **_: Any) -> None:
        """Refuse what is nobody's."""
        customer = found.get("customer") or {}
        named = [found.get("contact_id"), found.get("account_id"), *customer.values()]
        if not any(named):
            reason = "Say contact_id, account_id, or something of the customer."
            raise ValidationError(reason, "customer")

    @post_load
    def part(self, found: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Part what names the purchase and who bought from what is said of it."""
        ids = {name: found.pop(name, None) for name in ("contact_id", "account_id")}
        buyer = Buyer(**ids, **(found.pop("customer", None) or {}))
        key = {name: found.pop(name) for name in _KEY if name in found}
        return {**key, "buyer": buyer, "fields": found}


class SummedStateIn(PurchaseStateIn):
    """What orders and invoices say; what is left out is worked out, the rest has to add up."""

    lines = fields.List(
        fields.Nested(LineIn), load_default=list, validate=validate.Length(max=_MOST_LINES)
    )
    subtotal = Amount(allow_none=True)
    discount = Amount(load_default=Decimal(0))
    tax = Amount(allow_none=True)
    tax_included = fields.Boolean(load_default=False)
    shipping = Amount(load_default=Decimal(0))
    total = Amount(allow_none=True)


class OrderStateIn(SummedStateIn):
    """How an order or a cart stands."""

    status = choice(OrderStatus, required=True)
    placed_at = DayOrMoment()
    channel = Name(longest=60, allow_none=True, load_default=None)
    discount_codes = fields.List(
        Name(longest=60), load_default=list, validate=validate.Length(max=_MOST_PARTS)
    )
    margin = Amount(signed=True, allow_none=True, load_default=None)
    refunds = fields.List(
        fields.Nested(MoneyBackIn), load_default=list, validate=validate.Length(max=_MOST_PARTS)
    )


class InvoiceStateIn(SummedStateIn):
    """How an invoice stands; that it is overdue the clock finds out by `due_at`."""

    status = choice(InvoiceStatus, load_default=InvoiceStatus.OPEN)
    order_external_id = Name(allow_none=True, load_default=None)
    issued_at = DayOrMoment(allow_none=True, load_default=None)
    due_at = DayOrMoment(allow_none=True, load_default=None)
    paid_at = Moment(allow_none=True)
    payments = fields.List(
        fields.Nested(PaymentIn), load_default=list, validate=validate.Length(max=_MOST_PARTS)
    )
    open_amount = Amount(allow_none=True)


class SubscriptionStateIn(PurchaseStateIn):
    """How a subscription stands; `amount` is paid every `interval_count` intervals."""

    plan = Name(required=True)
    status = choice(SubscriptionStatus, required=True)
    quantity = Amount(load_default=Decimal(1))
    amount = Amount(required=True)
    interval = choice(Interval, load_default=Interval.MONTH)
    interval_count = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, 120))
    started_at = DayOrMoment(allow_none=True, load_default=None)
    trial_ends_at = DayOrMoment(allow_none=True, load_default=None)
    renews_at = DayOrMoment(allow_none=True, load_default=None)
    cancelled_at = DayOrMoment(allow_none=True, load_default=None)
    ends_at = DayOrMoment(allow_none=True, load_default=None)


class OrderIn(KeyIn, OrderStateIn):
    """An order or a cart, named as its source names it."""


class InvoiceIn(KeyIn, InvoiceStateIn):
    """An invoice, named as its source names it."""


class SubscriptionIn(KeyIn, SubscriptionStateIn):
    """A subscription, named as its source names it."""


class PurchasesIn(PageIn):
    """Query parameters of the lists; `awaiting`: whose buyer is not known yet."""

    source = Name()
    external_id = Name()
    number = Name()
    contact_id = fields.UUID()
    account_id = fields.UUID()
    customer_id = fields.UUID()
    awaiting = fields.Boolean()
    archived = fields.Boolean(load_default=False)


class OrdersIn(PurchasesIn):
    """Query parameters of the list of orders."""

    status = choice(OrderStatus)


class InvoicesIn(PurchasesIn):
    """Query parameters of the list of invoices."""

    status = choice(InvoiceStatus)


class SubscriptionsIn(PurchasesIn):
    """Query parameters of the list of subscriptions."""

    status = choice(SubscriptionStatus)
