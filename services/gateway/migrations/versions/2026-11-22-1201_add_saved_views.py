"""Add saved views."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_chassis import db

revision = "202611221201"
down_revision = "202611220801"


def upgrade() -> None:
    op.create_table(
        "saved_view",
        *db.aggregate_columns(),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("filter", postgresql.JSONB(), nullable=False),
        sa.Column("sort", sa.Text()),
        sa.Column("columns", postgresql.ARRAY(sa.Text()), nullable=False),
    )
    op.create_index(
        "saved_view_name", "saved_view", ["owner_id", "object", sa.text("lower(name)")],
        unique=True, postgresql_where=sa.text("archived_at is null"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("saved_view")
