"""Add webhooks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_chassis import db

revision = "202611221701"
down_revision = "202611221601"


def upgrade() -> None:
    op.create_table(
        "webhook",
        *db.aggregate_columns(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text()),
        sa.Column("types", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("where", postgresql.JSONB()),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("paused_reason", sa.Text()),
        sa.Column("sealed_former", sa.LargeBinary()),
        sa.Column("former_until", sa.TIMESTAMP(timezone=True)),
        sa.Column("wanted_since", sa.TIMESTAMP(timezone=True), nullable=False),
    )
    op.create_table(
        "webhook_source",
        sa.Column("service", sa.Text(), primary_key=True),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("gathered_at", sa.TIMESTAMP(timezone=True), nullable=False),
    )
    op.create_table(
        "webhook_fact",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("subject_version", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.TIMESTAMP(timezone=True), nullable=False),
    )
    op.create_index("webhook_fact_kept", "webhook_fact", ["kept_at"])
    op.create_index("webhook_fact_subject", "webhook_fact", ["subject"])
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("fact_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("subject_version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("taken_until", sa.TIMESTAMP(timezone=True)),
        sa.Column("settled_at", sa.TIMESTAMP(timezone=True)),
        sa.Column("status", sa.Integer()),
        sa.Column("fault", sa.Text()),
        sa.Column("replays", sa.Integer(), nullable=False, server_default="0"),
        sa.UniqueConstraint("webhook_id", "fact_id", name="webhook_delivery_once"),
        sa.ForeignKeyConstraint(["fact_id"], ["webhook_fact.id"], ondelete="cascade"),
    )
    op.create_index(
        "webhook_delivery_pending", "webhook_delivery",
        ["webhook_id", "subject", "subject_version", "id"],
        postgresql_where=sa.text("state = 'pending'"),
    )  # fmt: skip
    op.create_index(
        "webhook_delivery_due", "webhook_delivery", ["webhook_id", "next_at"],
        postgresql_where=sa.text("state = 'pending'"),
    )  # fmt: skip
    op.create_index("webhook_delivery_log", "webhook_delivery", ["webhook_id", "id"])
    op.create_index("webhook_delivery_fact", "webhook_delivery", ["fact_id"])
    op.create_table(
        "webhook_attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("fact_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("fault", sa.Text()),
        sa.Column("answer", sa.Text()),
    )
    op.create_index("webhook_attempt_log", "webhook_attempt", ["webhook_id", "fact_id", "id"])
    op.create_index("webhook_attempt_at", "webhook_attempt", ["at"])
    op.create_table(
        "webhook_health",
        sa.Column("webhook_id", sa.Uuid(), primary_key=True),
        sa.Column("streak", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("rests_until", sa.TIMESTAMP(timezone=True)),
        sa.Column("last_ok_at", sa.TIMESTAMP(timezone=True)),
        sa.Column("last_fault_at", sa.TIMESTAMP(timezone=True)),
        sa.Column("last_fault", sa.Text()),
    )
    op.create_table(
        "webhook_replay",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("until", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("cursors", postgresql.JSONB(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("message", sa.Text()),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ended_at", sa.TIMESTAMP(timezone=True)),
    )
    op.create_index(
        "webhook_replay_open", "webhook_replay", ["created_at"],
        postgresql_where=sa.text("ended_at is null"),
    )  # fmt: skip


def downgrade() -> None:
    for name in (
        "webhook_replay", "webhook_health", "webhook_attempt", "webhook_delivery", "webhook_fact",
        "webhook_source", "webhook",
    ):  # fmt: skip
        op.drop_table(name)
