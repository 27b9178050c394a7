"""Note when files of people, and what was read of them, were deleted."""

import sqlalchemy as sa
from alembic import op

revision = "202611221105"
down_revision = "202611221104"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("import", "export"):
        op.add_column(table, sa.Column("forgotten_at", sa.DateTime(timezone=True)))
        op.create_index(
            f"{table}_remembered", table, ["updated_at", "id"],
            postgresql_where=sa.text("forgotten_at is null"),
        )  # fmt: skip


def downgrade() -> None:
    for table in ("import", "export"):
        op.drop_index(f"{table}_remembered")
        op.drop_column(table, "forgotten_at")
