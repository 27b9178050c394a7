"""Add notifications and how people want them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "202611221820"
down_revision = "202611221811"
MOMENT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "notification",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("group_kind", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("about_kind", sa.Text(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.Column("in_console", sa.Boolean(), nullable=False),
        sa.Column("mail", sa.Text(), nullable=False),
        sa.Column("read_at", MOMENT),
        sa.Column("mailed_at", MOMENT),
    )
    op.create_index("notification_of", "notification", ["user_id", "seq"])
    op.create_index("notification_at", "notification", ["at"])
    op.create_index(
        "notification_unread", "notification", ["user_id", "seq"],
        postgresql_where=sa.text("read_at is null and in_console"),
    )  # fmt: skip
    op.create_index(
        "notification_to_mail", "notification", ["mail", "at"],
        postgresql_where=sa.text("mailed_at is null and read_at is null and mail <> 'no'"),
    )  # fmt: skip
    op.create_table(
        "notification_preference",
        sa.Column("user_id", sa.Uuid(), primary_key=True),
        sa.Column("kinds", postgresql.JSONB(), nullable=False),
        sa.Column("hour", sa.SmallInteger(), nullable=False),
        sa.Column("days", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("time_zone", sa.Text()),
        sa.Column("digest_on", sa.Date()),
    )


def downgrade() -> None:
    op.drop_table("notification_preference")
    op.drop_table("notification")
