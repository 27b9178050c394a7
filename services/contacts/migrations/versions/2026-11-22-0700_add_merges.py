"""Add merges and what they moved."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from crm_chassis import db

revision = "202611220700"
down_revision = "0003"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    db.spine_upgrade(op, 3)
    op.create_table(
        "merge",
        *db.aggregate_columns(),
        sa.Column("survivor_id", sa.Uuid(), nullable=False),
        sa.Column("absorbed_ids", ARRAY(sa.Uuid()), nullable=False),
        sa.Column("undo_until", _MOMENT, nullable=False),
        sa.Column("before", JSONB(), nullable=False),
        sa.Column("after", JSONB(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("moved", JSONB(), nullable=False),
        sa.Column("awaited", JSONB(), nullable=False),
        sa.Column("redirected", JSONB(), nullable=False),
        sa.Column("pairs", ARRAY(sa.Text()), nullable=False),
        sa.Column("undone_at", _MOMENT),
        sa.Column("conflicts", ARRAY(sa.Text()), nullable=False),
    )
    op.create_index("merge_survivor", "merge", ["survivor_id"])
    op.create_index("merge_absorbed", "merge", ["absorbed_ids"], postgresql_using="gin")
    op.create_index("merge_created", "merge", ["created_at", "id"])
    op.create_index(
        "merge_awaited", "merge", ["awaited"], postgresql_using="gin",
        postgresql_ops={"awaited": "jsonb_path_ops"},
    )  # fmt: skip
    op.create_index(
        "contact_merged", "contact", ["merged_into_id"],
        postgresql_where=sa.text("merged_into_id is not null"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("contact_merged")
    op.drop_table("merge")
    db.spine_downgrade(op, 3)
