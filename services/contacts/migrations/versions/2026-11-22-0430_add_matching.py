"""Add blocking keys and addresses of contacts, duplicates, jobs, and states of addresses."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from crm_chassis import db

revision = "0002"
down_revision = "202611220345"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    keys = sa.Column("match_keys", ARRAY(sa.Text()), nullable=False, server_default="{}")
    op.add_column("contact", keys)
    op.add_column("contact", sa.Column("addresses", JSONB(), nullable=False, server_default="[]"))
    op.create_index("contact_match_keys", "contact", ["match_keys"], postgresql_using="gin")
    _duplicates()
    _jobs()
    _points()


def downgrade() -> None:
    for table in ("contact_point_state", "scan_key", "job", "duplicate_policy", "duplicate"):
        op.drop_table(table)
    op.drop_index("contact_match_keys")
    op.drop_column("contact", "addresses")
    op.drop_column("contact", "match_keys")


def _duplicates() -> None:
    op.create_table(
        "duplicate",
        *db.aggregate_columns(),
        sa.Column("a_id", sa.Uuid(), nullable=False),
        sa.Column("b_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("evidence", JSONB(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_at", _MOMENT),
        sa.CheckConstraint("a_id < b_id", name="duplicate_order"),
        sa.UniqueConstraint("a_id", "b_id", name="duplicate_pair"),
    )
    op.create_index("duplicate_other", "duplicate", ["b_id"])
    op.create_index("duplicate_status", "duplicate", ["status", "score", "id"])
    op.create_index("duplicate_created", "duplicate", ["created_at", "id"])
    op.create_table(
        "duplicate_policy",
        sa.Column("object", sa.Text(), primary_key=True),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("same", sa.Double(), nullable=False),
        sa.Column("review", sa.Double(), nullable=False),
        sa.Column("weights", JSONB(), nullable=False),
    )


def _jobs() -> None:
    op.create_table(
        "job",
        *db.aggregate_columns(),
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.Text()),
        sa.Column("result", JSONB(), nullable=False),
        sa.Column("state", JSONB(), nullable=False),
    )
    op.create_index("job_unfinished", "job", ["created_at"], postgresql_where=_UNFINISHED)
    op.create_table(
        "scan_key",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("contact_ids", ARRAY(sa.Uuid()), nullable=False),
    )
    op.create_index("scan_key_job", "scan_key", ["job_id", "number"])


def _points() -> None:
    op.create_table(
        "contact_point_state",
        *db.aggregate_columns(),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("deliverability", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("bounce_class", sa.Text()),
        sa.Column("code", sa.Text()),
        sa.Column("bounce_streak", sa.BigInteger(), nullable=False),
        sa.Column("streak_since", _MOMENT),
        sa.Column("bounced_at", _MOMENT),
        sa.UniqueConstraint("contact_id", "email", name="contact_point_state_of"),
    )


_UNFINISHED = sa.text("status in ('queued', 'running')")
