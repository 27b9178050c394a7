"""Keep who was seen on a channel."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from crm_chassis import db

revision = "202611221403"
down_revision = "202611221402"
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "identity",
        *db.aggregate_columns(),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Uuid()),
        sa.Column("first_seen_at", _MOMENT, nullable=False),
        sa.Column("last_seen_at", _MOMENT, nullable=False),
        sa.Column("identified_at", _MOMENT),
        sa.Column("profile", JSONB(), nullable=False),
    )
    op.create_index("identity_seen_as", "identity", ["channel", "value"], unique=True)
    op.create_index("identity_contact", "identity", ["contact_id"])
    op.create_index("identity_last_seen", "identity", ["last_seen_at", "id"])


def downgrade() -> None:
    op.drop_table("identity")
