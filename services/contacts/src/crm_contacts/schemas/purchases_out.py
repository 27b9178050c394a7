"""Orders, invoices and subscriptions as they are answered."""

from marshmallow import Schema, fields

from crm_chassis.web import RecordOut


class MoneyOut(Schema):
    """An amount as a decimal string, with its currency."""

    amount = fields.String(required=True)
    currency = fields.String(required=True)


class LineOut(Schema):
    """One line."""

    sku = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)
    quantity = fields.String(required=True)
    unit_price = fields.String(required=True)
    discount = fields.String(required=True)
    tax = fields.String(required=True)
    total = fields.String(required=True)


class PartOut(Schema):
    """A payment or a refund."""

    external_id = fields.String(required=True, allow_none=True)
    amount = fields.String(required=True)
    at = fields.AwareDateTime(required=True, allow_none=True)


class MoneyBackOut(PartOut):
    """A refund."""

    reason = fields.String(required=True, allow_none=True)


class PaymentOut(PartOut):
    """A payment."""

    method = fields.String(required=True, allow_none=True)


class AwaitedOut(Schema):
    """The buyer that is waited for."""

    email = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)
    external_id = fields.String(required=True, allow_none=True)
    company = fields.String(required=True, allow_none=True)
    domain = fields.String(required=True, allow_none=True)
    account_external_id = fields.String(required=True, allow_none=True)


class PurchaseOut(RecordOut):
    """What every purchase shows."""

    source = fields.String(required=True)
    external_id = fields.String(required=True)
    revision = fields.Integer(required=True, allow_none=True)
    occurred_at = fields.AwareDateTime(required=True, allow_none=True)
    number = fields.String(required=True, allow_none=True)
    status = fields.String(required=True)
    contact_id = fields.UUID(required=True, allow_none=True)
    account_id = fields.UUID(required=True, allow_none=True)
    awaited = fields.Nested(AwaitedOut, required=True, allow_none=True)


class SummedOut(PurchaseOut):
    """What orders and invoices show."""

    lines = fields.List(fields.Nested(LineOut), required=True)
    subtotal = fields.Nested(MoneyOut, required=True)
    discount = fields.Nested(MoneyOut, required=True)
    tax = fields.Nested(MoneyOut, required=True)
    tax_included = fields.Boolean(required=True)
    shipping = fields.Nested(MoneyOut, required=True)
    total = fields.Nested(MoneyOut, required=True)


class OrderOut(SummedOut):
    """An order or a cart."""

    placed_at = fields.AwareDateTime(required=True, allow_none=True)
    channel = fields.String(required=True, allow_none=True)
    discount_codes = fields.List(fields.String(), required=True)
    margin = fields.Nested(MoneyOut, required=True, allow_none=True)
    refunds = fields.List(fields.Nested(MoneyBackOut), required=True)
    refunded = fields.Nested(MoneyOut, required=True)


class InvoiceOut(SummedOut):
    """An invoice."""

    order_external_id = fields.String(required=True, allow_none=True)
    issued_at = fields.AwareDateTime(required=True, allow_none=True)
    due_at = fields.AwareDateTime(required=True, allow_none=True)
    overdue_at = fields.AwareDateTime(required=True, allow_none=True)
    paid_at = fields.AwareDateTime(required=True, allow_none=True)
    payments = fields.List(fields.Nested(PaymentOut), required=True)
    open_amount = fields.Nested(MoneyOut, required=True)


class SubscriptionOut(PurchaseOut):
    """A subscription."""

    plan = fields.String(required=True)
    quantity = fields.String(required=True)
    amount = fields.Nested(MoneyOut, required=True)
    interval = fields.String(required=True)
    interval_count = fields.Integer(required=True)
    monthly_amount = fields.Nested(MoneyOut, required=True)
    started_at = fields.AwareDateTime(required=True, allow_none=True)
    trial_ends_at = fields.AwareDateTime(required=True, allow_none=True)
    renews_at = fields.AwareDateTime(required=True, allow_none=True)
    cancelled_at = fields.AwareDateTime(required=True, allow_none=True)
    ends_at = fields.AwareDateTime(required=True, allow_none=True)


class OrdersOut(Schema):
    """A page of orders."""

    items = fields.List(fields.Nested(OrderOut), required=True)
    next = fields.String(required=True, allow_none=True)


class InvoicesOut(Schema):
    """A page of invoices."""

    items = fields.List(fields.Nested(InvoiceOut), required=True)
    next = fields.String(required=True, allow_none=True)


class SubscriptionsOut(Schema):
    """A page of subscriptions."""

    items = fields.List(fields.Nested(SubscriptionOut), required=True)
    next = fields.String(required=True, allow_none=True)
