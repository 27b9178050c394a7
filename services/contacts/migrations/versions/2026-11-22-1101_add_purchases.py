"""Add orders, invoices and subscriptions, and what other systems call our customers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from crm_chassis import db

revision = "202611221101"
down_revision = "202611221001"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_AMOUNT = sa.Numeric(19, 4)
_KINDS = ("order", "invoice", "subscription")


def upgrade() -> None:
    _orders()
    _invoices()
    _subscriptions()
    for table in _KINDS:
        op.create_index(f"{table}_source", table, ["source", "external_id"], unique=True)
        op.create_index(f"{table}_contact", table, ["contact_id"])
        op.create_index(f"{table}_account", table, ["account_id"])
        op.create_index(f"{table}_created", table, ["created_at", "id"])
        op.create_index(f"{table}_updated", table, ["updated_at", "id"])
        op.create_index(
            f"{table}_awaited", table, ["id"], postgresql_where=sa.text("awaited is not null")
        )
    op.create_table(
        "customer_origin",
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("external_id", sa.Text(), primary_key=True),
        sa.Column("record_id", sa.Uuid(), nullable=False),
    )
    op.create_index("customer_origin_of", "customer_origin", ["record_id"])
    op.create_table("company_copy", *db.copy_columns(), sa.Column("time_zone", sa.Text()))


def downgrade() -> None:
    for table in ("company_copy", "customer_origin", *_KINDS):
        op.drop_table(table)


def _purchase() -> list[sa.Column]:
    return [
        *db.aggregate_columns(),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger()),
        sa.Column("occurred_at", _MOMENT),
        sa.Column("number", sa.Text()),
        sa.Column("contact_id", sa.Uuid()),
        sa.Column("account_id", sa.Uuid()),
        sa.Column("awaited", JSONB()),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
    ]


def _sums() -> list[sa.Column]:
    amounts = ("subtotal", "discount", "tax", "shipping", "total")
    return [
        sa.Column("lines", JSONB(), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        *(sa.Column(name, _AMOUNT, nullable=False) for name in amounts),
    ]


def _orders() -> None:
    op.create_table(
        "order",
        *_purchase(),
        *_sums(),
        sa.Column("placed_at", _MOMENT),
        sa.Column("channel", sa.Text()),
        sa.Column("discount_codes", ARRAY(sa.Text()), nullable=False),
        sa.Column("margin", _AMOUNT),
        sa.Column("refunds", JSONB(), nullable=False),
        sa.Column("refunded", _AMOUNT, nullable=False),
    )


def _invoices() -> None:
    op.create_table(
        "invoice",
        *_purchase(),
        *_sums(),
        sa.Column("order_external_id", sa.Text()),
        sa.Column("issued_at", _MOMENT),
        sa.Column("due_at", _MOMENT),
        sa.Column("overdue_at", _MOMENT),
        sa.Column("paid_at", _MOMENT),
        sa.Column("payments", JSONB(), nullable=False),
        sa.Column("open_amount", _AMOUNT, nullable=False),
    )
    op.create_index(
        "invoice_due", "invoice", ["due_at", "id"], postgresql_where=sa.text("status = 'open'")
    )


def _subscriptions() -> None:
    op.create_table(
        "subscription",
        *_purchase(),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("quantity", _AMOUNT, nullable=False),
        sa.Column("amount", _AMOUNT, nullable=False),
        sa.Column("interval", sa.Text(), nullable=False),
        sa.Column("interval_count", sa.Integer(), nullable=False),
        sa.Column("started_at", _MOMENT),
        sa.Column("trial_ends_at", _MOMENT),
        sa.Column("renews_at", _MOMENT),
        sa.Column("cancelled_at", _MOMENT),
        sa.Column("ends_at", _MOMENT),
    )
