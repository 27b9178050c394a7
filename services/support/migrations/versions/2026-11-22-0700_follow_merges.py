"""Add what was moved when contacts were merged."""

from alembic import op

from crm_chassis import db

revision = "202611220700"
down_revision = "202611220345"


def upgrade() -> None:
    db.spine_upgrade(op, 3)
    op.create_table("repointing", *db.repointing_columns())


def downgrade() -> None:
    op.drop_table("repointing")
    db.spine_downgrade(op, 3)
