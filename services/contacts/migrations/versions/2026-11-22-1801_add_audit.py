"""Add the audit trail: who did what, when and from where, sealed into a chain."""

from alembic import op

from crm_chassis import db

revision = "202611221801"
down_revision = "202611221601"


def upgrade() -> None:
    db.spine_upgrade(op, 5)


def downgrade() -> None:
    db.spine_downgrade(op, 5)
