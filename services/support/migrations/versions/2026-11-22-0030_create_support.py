"""Create tickets, their messages, the clocks and the copies support keeps."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_chassis import db

revision = "202611220030"
down_revision = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    db.spine_upgrade(op, 1)
    _create_tickets()
    _create_messages()
    _create_clocks()
    _create_copies()


def downgrade() -> None:
    for name in (
        "deal_copy",
        "user_copy",
        "account_copy",
        "contact_copy",
        "sla_clock",
        "ticket_message",
        "ticket",
    ):
        op.drop_table(name)
    db.spine_downgrade(op, 1)


def _create_tickets() -> None:
    op.create_table(
        "ticket",
        *db.aggregate_columns(),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("requester_id", sa.Uuid()),
        sa.Column("account_id", sa.Uuid()),
        sa.Column("deal_id", sa.Uuid()),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("assignee_id", sa.Uuid()),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("first_response_at", MOMENT),
        sa.Column("resolved_at", MOMENT),
        sa.Column("closed_at", MOMENT),
        sa.Column("reopen_count", sa.Integer(), nullable=False),
        sa.Column("origin", sa.Text()),
        sa.CheckConstraint("(status = 'closed') = (closed_at is not null)", name="ticket_closed"),
    )
    # Archived tickets keep their origin: one onboarding per deal, even when it was put away.
    op.create_index("ticket_origin", "ticket", ["origin"], unique=True)
    op.create_index("ticket_created_at", "ticket", ["created_at", "id"])
    for name in ("requester_id", "account_id", "assignee_id", "deal_id"):
        op.create_index(f"ticket_{name}", "ticket", [name])
    op.create_index(
        "ticket_resolved",
        "ticket",
        ["resolved_at"],
        postgresql_where=sa.text("status = 'resolved'"),
    )
    op.create_index(
        "ticket_searched",
        "ticket",
        [sa.text("lower(subject) gin_trgm_ops")],
        postgresql_using="gin",
    )


def _create_messages() -> None:
    op.create_table(
        "ticket_message",
        *db.aggregate_columns(),
        sa.Column("ticket_id", sa.Uuid(), _part_of("ticket"), nullable=False),
        sa.Column("requester_id", sa.Uuid()),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
    )
    op.create_index("ticket_message_sent_at", "ticket_message", ["ticket_id", "sent_at", "id"])


def _create_clocks() -> None:
    op.create_table(
        "sla_clock",
        *db.aggregate_columns(),
        sa.Column("ticket_id", sa.Uuid(), _part_of("ticket"), nullable=False),
        sa.Column("requester_id", sa.Uuid()),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("target_seconds", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("stopped_at", MOMENT),
        # One runs at a time; checked at commit, for a new target starts before the old one ends.
        postgresql.ExcludeConstraint(
            ("ticket_id", "="),
            ("metric", "="),
            where=sa.text("state = 'running'"),
            using="btree",
            name="sla_clock_running",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index("sla_clock_ticket", "sla_clock", ["ticket_id", "started_at"])
    op.create_index(
        "sla_clock_due", "sla_clock", ["due_at"], postgresql_where=sa.text("state = 'running'")
    )


def _create_copies() -> None:
    op.create_table(
        "contact_copy",
        *db.copy_columns(),
        sa.Column("name", sa.Text()),
        sa.Column("email", sa.Text()),
    )
    op.create_table("account_copy", *db.copy_columns(), sa.Column("name", sa.Text()))
    op.create_table("user_copy", *db.copy_columns(), sa.Column("name", sa.Text()))
    op.create_table(
        "deal_copy",
        *db.copy_columns(),
        sa.Column("name", sa.Text()),
        sa.Column("status", sa.Text()),
    )


def _part_of(table: str) -> sa.ForeignKey:
    """Checked at commit: a transaction writes records and their parts in any order."""
    return sa.ForeignKey(f"{table}.id", deferrable=True, initially="DEFERRED")
