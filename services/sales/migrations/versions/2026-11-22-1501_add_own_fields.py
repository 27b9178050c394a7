"""Keep fields and rules, and hold deals and leads to them."""

from alembic import op

from crm_fields.holding import tables

revision = "202611221501"
down_revision = "202611221102"

HELD = ("deal", "lead")


def upgrade() -> None:
    tables.upgrade(op, HELD)


def downgrade() -> None:
    tables.downgrade(op, HELD, with_custom=("lead",))
