"""Add what operators did, restorations, and edited copies of parked messages."""

from alembic import op

from crm_chassis import db

revision = "202611220345"
down_revision = "202611220040"


def upgrade() -> None:
    db.spine_upgrade(op, 2)


def downgrade() -> None:
    db.spine_downgrade(op, 2)
