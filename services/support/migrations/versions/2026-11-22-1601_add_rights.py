"""Add who is assigned to a record, the copy of roles, and which team somebody is in."""

import sqlalchemy as sa
from alembic import op

from crm_chassis import db

revision = "202611221601"
down_revision = "202611220700"
# What came before the column is filled by the next comparison with the people's owner.
_FILL = "update user_copy set version = 0, digest = null"


def upgrade() -> None:
    db.spine_upgrade(op, 4)
    op.create_table("role_copy", *db.role_copy_columns())
    op.add_column("user_copy", sa.Column("team_id", sa.Uuid()))
    op.execute(_FILL)


def downgrade() -> None:
    op.drop_column("user_copy", "team_id")
    op.drop_table("role_copy")
    db.spine_downgrade(op, 4)
