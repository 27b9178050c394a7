"""Keep fields and rules, and hold tickets to them."""

from alembic import op

from crm_fields.holding import tables

revision = "202611221502"
down_revision = "202611220700"

HELD = ("ticket",)


def upgrade() -> None:
    tables.upgrade(op, HELD)


def downgrade() -> None:
    tables.downgrade(op, HELD, with_custom=HELD)
