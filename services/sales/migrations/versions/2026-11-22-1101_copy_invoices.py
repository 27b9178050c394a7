"""Keep what customers owe."""

import sqlalchemy as sa
from alembic import op

from crm_chassis import db

revision = "202611221101"
down_revision = "202611220700"


def upgrade() -> None:
    op.create_table(
        "invoice_copy",
        *db.copy_columns(),
        sa.Column("contact_id", sa.Uuid()),
        sa.Column("account_id", sa.Uuid()),
        sa.Column("status", sa.Text()),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("open_amount", sa.Numeric(19, 4)),
        sa.Column("currency", sa.String(3)),
    )
    for column in ("contact_id", "account_id"):
        op.create_index(
            f"invoice_copy_{column.removesuffix('_id')}", "invoice_copy", [column],
            postgresql_where=sa.text("status = 'overdue'"),
        )  # fmt: skip


def downgrade() -> None:
    op.drop_table("invoice_copy")
