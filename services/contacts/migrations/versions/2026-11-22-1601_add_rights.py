"""Add who is assigned to a record, and the copy of roles."""

from alembic import op

from crm_chassis import db

revision = "202611221601"
down_revision = "202611221301"


def upgrade() -> None:
    db.spine_upgrade(op, 4)
    op.create_table("role_copy", *db.role_copy_columns())


def downgrade() -> None:
    op.drop_table("role_copy")
    db.spine_downgrade(op, 4)
