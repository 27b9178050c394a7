"""Add relationships and their types."""

import sqlalchemy as sa
from alembic import op

from crm_chassis import db

revision = "202611221104"
down_revision = "202611221103"
branch_labels = None
depends_on = None


def upgrade() -> None:
    names = ("name", "inverse_name")
    op.create_table(
        "relationship_type",
        *db.aggregate_columns(),
        *(sa.Column(name, sa.Text(), nullable=False) for name in (*names, "from_kind", "to_kind")),
    )
    op.create_index("relationship_type_created", "relationship_type", ["created_at", "id"])
    op.create_table(
        "relationship",
        *db.aggregate_columns(),
        sa.Column("type_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in (*names, "from_type", "to_type")),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("comment", sa.Text()),
    )
    op.create_index("relationship_created", "relationship", ["created_at", "id"])
    for column in ("type_id", "from_id", "to_id"):
        op.create_index(f"relationship_of_{column.removesuffix('_id')}", "relationship", [column])


def downgrade() -> None:
    for table in ("relationship", "relationship_type"):
        op.drop_table(table)
