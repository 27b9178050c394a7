"""Take in events that other systems tell of."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from crm_chassis import db

revision = "202611221831"
down_revision = "202611221801"


def upgrade() -> None:
    op.create_table(
        "event_type",
        *db.aggregate_columns(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("properties", JSONB(), nullable=False),
    )
    op.create_index("event_type_name", "event_type", ["name"], unique=True)
    op.create_table(
        "event_quota",
        sa.Column("actor", sa.Text(), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("taken", sa.BigInteger(), nullable=False),
    )
    op.add_column("interaction", sa.Column("event", sa.Text()))
    op.add_column(
        "interaction", sa.Column("properties", JSONB(), nullable=False, server_default="{}")
    )
    # Also what an event type is called may be asked for.
    op.execute("create index interaction_event on interaction (event, at) where event is not null")


def downgrade() -> None:
    op.drop_index("interaction_event", "interaction")
    op.drop_column("interaction", "properties")
    op.drop_column("interaction", "event")
    op.drop_table("event_quota")
    op.drop_table("event_type")
