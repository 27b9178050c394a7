"""Create pipelines, deals, stage intervals, leads and the copies sales keeps."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_chassis import db

revision = "202611220030"
down_revision = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    db.spine_upgrade(op, 1)
    _create_pipelines()
    _create_deals()
    _create_leads()
    _create_copies()


def downgrade() -> None:
    for name in (
        "user_copy",
        "account_copy",
        "contact_copy",
        "lead",
        "stage_interval",
        "deal",
        "stage",
        "pipeline",
    ):
        op.drop_table(name)
    db.spine_downgrade(op, 1)


def _create_pipelines() -> None:
    op.create_table(
        "pipeline",
        *db.aggregate_columns(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(3)),
        sa.Column("is_default", sa.Boolean(), nullable=False),
    )
    op.create_index(
        "pipeline_default",
        "pipeline",
        ["is_default"],
        unique=True,
        postgresql_where=sa.text("is_default and archived_at is null"),
    )
    op.create_table(
        "stage",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("pipeline_id", sa.Uuid(), _part_of("pipeline"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("probability", sa.Numeric(5, 4), nullable=False),
        sa.Column("rot_days", sa.Integer()),
        sa.Column("renamed_at", MOMENT),
        sa.CheckConstraint("category in ('open', 'won', 'lost')", name="stage_category"),
        sa.CheckConstraint("probability between 0 and 1", name="stage_probability"),
        # Checked at commit: reordering swaps positions one row at a time.
        sa.UniqueConstraint(
            "pipeline_id", "position", name="stage_position", deferrable=True, initially="DEFERRED"
        ),
    )


def _create_deals() -> None:
    op.create_table(
        "deal",
        *db.aggregate_columns(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("pipeline_id", sa.Uuid(), _part_of("pipeline"), nullable=False),
        sa.Column("stage_id", sa.Uuid(), _part_of("stage"), nullable=False),
        sa.Column("stage_name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("stage_probability", sa.Numeric(5, 4), nullable=False),
        sa.Column("manual_probability", sa.Numeric(5, 4)),
        *_money("amount"),
        sa.Column("account_id", sa.Uuid()),
        sa.Column("primary_contact_id", sa.Uuid()),
        sa.Column("contact_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("expected_close_on", sa.Date()),
        sa.Column("closed_at", MOMENT),
        sa.Column("lost_reason", sa.Text()),
        sa.Column("reopened_reason", sa.Text()),
        sa.Column("source", sa.Text()),
        sa.Column("lead_id", sa.Uuid()),
        sa.Column("next_step", sa.Text()),
        sa.Column("custom", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("(status = 'open') = (closed_at is null)", name="deal_closed"),
        sa.CheckConstraint("(status = 'lost') = (lost_reason is not null)", name="deal_lost"),
    )
    for name in ("owner_id", "stage_id", "account_id", "primary_contact_id", "lead_id"):
        op.create_index(f"deal_{name}", "deal", [name])
    op.create_index("deal_created_at", "deal", ["created_at", "id"])
    op.create_index("deal_pipeline", "deal", ["pipeline_id", "created_at", "id"])
    _create_search_index("deal", "name")
    op.create_table(
        "stage_interval",
        *db.aggregate_columns(),
        sa.Column("deal_id", sa.Uuid(), _part_of("deal"), nullable=False),
        sa.Column("stage_id", sa.Uuid(), nullable=False),
        sa.Column("stage_name", sa.Text(), nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("left_at", MOMENT),
        sa.CheckConstraint("left_at >= entered_at", name="stage_interval_order"),
        # One stay at a time; checked at commit, for the next one is inserted before this one ends.
        postgresql.ExcludeConstraint(
            ("deal_id", "="),
            where=sa.text("left_at is null"),
            using="btree",
            name="stage_interval_open",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index("stage_interval_deal", "stage_interval", ["deal_id", "entered_at"])


def _create_leads() -> None:
    words = ("first_name", "last_name", "company")
    searched = " || ' ' || ".join(f"coalesce({name}, '')" for name in words)
    op.create_table(
        "lead",
        *db.aggregate_columns(),
        *(sa.Column(name, sa.Text()) for name in (*words, "email", "phone", "job_title")),
        sa.Column("searched", sa.Text(), sa.Computed(f"lower({searched})", persisted=True)),
        sa.Column("source", sa.Text()),
        sa.Column("medium", sa.Text()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("rating", sa.Text()),
        sa.Column("contact_id", sa.Uuid()),
        sa.Column("account_id", sa.Uuid()),
        sa.Column("deal_id", sa.Uuid()),
        sa.Column("converted_at", MOMENT),
        sa.Column("disqualified_reason", sa.Text()),
        sa.Column("conversion_requested_at", MOMENT),
        sa.Column("conversion_refused_reason", sa.Text()),
        sa.Column("candidates", postgresql.JSONB(), nullable=False),
        sa.Column("create_deal", sa.Boolean(), nullable=False),
        sa.Column("deal_name", sa.Text()),
        *_money("deal_amount"),
    )
    op.create_index("lead_created_at", "lead", ["created_at", "id"])
    op.create_index("lead_owner_id", "lead", ["owner_id"])
    op.create_index(
        "lead_converting",
        "lead",
        ["conversion_requested_at"],
        postgresql_where=sa.text("status = 'converting'"),
    )
    _create_search_index("lead", "searched")


def _create_copies() -> None:
    op.create_table(
        "contact_copy",
        *db.copy_columns(),
        sa.Column("name", sa.Text()),
        sa.Column("email", sa.Text()),
        sa.Column("owner_id", sa.Uuid()),
        sa.Column("account_id", sa.Uuid()),
    )
    op.create_index("contact_copy_email", "contact_copy", [sa.text("lower(email)")])
    op.create_table("account_copy", *db.copy_columns(), sa.Column("name", sa.Text()))
    op.create_table("user_copy", *db.copy_columns(), sa.Column("name", sa.Text()))


def _money(name: str) -> tuple[sa.Column[object], ...]:
    """An amount, and what it was worth in the company's currency at which rate."""
    return (
        sa.Column(name, sa.Numeric(19, 4)),
        sa.Column(f"{name}_currency", sa.String(3)),
        sa.Column(f"{name}_in_base", sa.Numeric(19, 4)),
        sa.Column(f"{name}_rate", sa.Numeric(19, 9)),
        sa.Column(f"{name}_rate_on", sa.Date()),
    )


def _create_search_index(table: str, column: str) -> None:
    op.create_index(
        f"{table}_searched",
        table,
        [sa.text(f"lower({column}) gin_trgm_ops")],
        postgresql_using="gin",
    )


def _part_of(table: str) -> sa.ForeignKey:
    """Checked at commit: a transaction writes records and their parts in any order."""
    return sa.ForeignKey(f"{table}.id", deferrable=True, initially="DEFERRED")
