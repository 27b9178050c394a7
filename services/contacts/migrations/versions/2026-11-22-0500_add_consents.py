"""Add what contacts allow."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from crm_chassis import db

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    flag = sa.Column("is_opted_out", sa.Boolean(), nullable=False, server_default="false")
    op.add_column("contact", flag)
    op.create_table(
        "consent",
        *db.aggregate_columns(),
        sa.Column("contact_id", sa.Uuid(), sa.ForeignKey("contact.id"), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("source", sa.Text()),
        sa.Column("evidence", JSONB(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT),
    )
    op.create_index("consent_of", "consent", ["contact_id", "channel", "purpose", "at"])
    op.create_index(
        "consent_expiry", "consent", ["expires_at"],
        postgresql_where=sa.text("expires_at is not null and status = 'granted'"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("consent")
    op.drop_column("contact", "is_opted_out")
