"""Add who is assigned to a record, and the copies of roles and people."""

import sqlalchemy as sa
from alembic import op

from crm_chassis import db

revision = "202611221601"
down_revision = "202611221201"


def upgrade() -> None:
    db.spine_upgrade(op, 4)
    op.create_table("role_copy", *db.role_copy_columns())
    op.create_table("user_copy", *db.copy_columns(), sa.Column("team_id", sa.Uuid()))


def downgrade() -> None:
    op.drop_table("user_copy")
    op.drop_table("role_copy")
    db.spine_downgrade(op, 4)
