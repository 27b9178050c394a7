"""Create the spine and the tables of contacts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from crm_chassis import db

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_SORTED = sa.Text(collation="C")
_SUBJECTS = ("interaction", "note", "task")
_SEARCHED = ("contact", "account", "note", "task")
_LISTED = ("contact", "account", "interaction", "note", "task")
_CREATED = ("lead_conversion", "task", "note", "interaction", "account_contact", "contact_point")


def upgrade() -> None:
    db.spine_upgrade(op, 1)
    _people()
    _activities()
    _copies()
    for table in _LISTED:
        op.create_index(f"{table}_created", table, ["created_at", "id"])
        op.create_index(f"{table}_updated", table, ["updated_at", "id"])
        op.create_index(f"{table}_owner", table, ["owner_id", "created_at", "id"])
    for table in _SEARCHED:
        words = {"search_text": "gin_trgm_ops"}
        op.create_index(
            f"{table}_words", table, ["search_text"], postgresql_using="gin", postgresql_ops=words
        )
    for table in _SUBJECTS:
        paths = {"subjects": "jsonb_path_ops"}
        op.create_index(
            f"{table}_subjects", table, ["subjects"], postgresql_using="gin", postgresql_ops=paths
        )


def downgrade() -> None:
    for table in (*_CREATED, "contact", "account", "deal_copy", "user_copy"):
        op.drop_table(table)
    for table in ("outbox", "relay_state", "record", "history", "history_value", "inbox", "parked"):
        op.drop_table(table)
    for table in ("registration", "watermark", "idempotency"):
        op.drop_table(table)
    op.execute("drop function outbox_partitions(date)")


def _people() -> None:
    op.create_table(
        "account",
        *db.aggregate_columns(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("legal_name", sa.Text()),
        sa.Column("domain", sa.Text()),
        sa.Column("industry", sa.Text()),
        sa.Column("size_band", sa.Text()),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), sa.ForeignKey("account.id", name="account_parent")),
        sa.Column("lifecycle", sa.Text(), nullable=False),
        sa.Column("customer_since", _MOMENT),
        sa.Column("renewal_date", sa.Text()),
        sa.Column("tags", ARRAY(sa.Text()), nullable=False),
        sa.Column("custom", JSONB(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("sort_name", _SORTED, nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
    )
    op.create_table(
        "contact",
        *db.aggregate_columns(),
        sa.Column("first_name", sa.Text()),
        sa.Column("last_name", sa.Text()),
        sa.Column("job_title", sa.Text()),
        sa.Column("department", sa.Text()),
        sa.Column("language", sa.Text()),
        sa.Column("time_zone", sa.Text()),
        sa.Column("birthday", sa.Text()),
        sa.Column("lifecycle", sa.Text(), nullable=False),
        sa.Column("source", sa.Text()),
        sa.Column("tags", ARRAY(sa.Text()), nullable=False),
        sa.Column("do_not_call", sa.Boolean(), nullable=False),
        sa.Column("custom", JSONB(), nullable=False),
        sa.Column("merged_into_id", sa.Uuid()),
        sa.Column("sort_name", _SORTED, nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
    )
    op.create_table(
        "contact_point",
        sa.Column("contact_id", sa.Uuid(), sa.ForeignKey("contact.id"), primary_key=True),
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("value", sa.Text(), primary_key=True),
        sa.Column("label", sa.Text()),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("deliverability", sa.Text(), nullable=False),
        sa.Column("opted_out", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "account_contact",
        sa.Column("contact_id", sa.Uuid(), sa.ForeignKey("contact.id"), primary_key=True),
        sa.Column(
            "account_id",
            sa.Uuid(),
            sa.ForeignKey("account.id", name="account_contact_account"),
            primary_key=True,
        ),
        sa.Column("role", sa.Text()),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
    )
    op.create_index("account_domain", "account", ["domain"])
    op.create_index("account_name_key", "account", ["name_key"])
    op.create_index("account_sort", "account", ["sort_name", "id"])
    op.create_index("contact_sort", "contact", ["sort_name", "id"])
    op.create_index("contact_point_value", "contact_point", ["value"])
    op.create_index(
        "contact_email_live",
        "contact_point",
        ["value"],
        unique=True,
        postgresql_where=sa.text("kind = 'email' and is_live"),
    )
    op.create_index("account_contact_of", "account_contact", ["account_id"])


def _activities() -> None:
    op.create_table(
        "interaction",
        *db.aggregate_columns(),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("direction", sa.Text()),
        sa.Column("duration_seconds", sa.BigInteger()),
        sa.Column("subject", sa.Text()),
        sa.Column("summary", sa.Text()),
        sa.Column("subjects", JSONB(), nullable=False),
        sa.Column("source_service", sa.Text()),
        sa.Column("source_id", sa.Text()),
        sa.Column("outcome", sa.Text()),
    )
    op.create_table(
        "note",
        *db.aggregate_columns(),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("subjects", JSONB(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
    )
    op.create_table(
        "task",
        *db.aggregate_columns(),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("assignee_id", sa.Uuid()),
        sa.Column("department", sa.Text()),
        sa.Column("due_at", _MOMENT),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("done_at", _MOMENT),
        sa.Column("subjects", JSONB(), nullable=False),
        sa.Column("origin", sa.Text()),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.CheckConstraint("(done_at is not null) = (status = 'done')", name="task_done"),
    )
    op.create_table(
        "lead_conversion",
        *db.aggregate_columns(),
        sa.Column("lead_id", sa.Uuid(), nullable=False, unique=True),
        sa.Column("lead_version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Uuid()),
        sa.Column("account_id", sa.Uuid()),
        sa.Column("reason", sa.Text()),
        sa.Column("candidates", JSONB(), nullable=False),
    )
    op.create_index("interaction_at", "interaction", ["at", "id"])
    op.create_index(
        "interaction_source", "interaction", ["source_service", "source_id"], unique=True
    )
    op.create_index("task_assignee", "task", ["assignee_id", "status"])
    op.create_index("task_origin", "task", ["origin"], unique=True)


def _copies() -> None:
    op.create_table(
        "deal_copy",
        *db.copy_columns(),
        sa.Column("status", sa.Text()),
        sa.Column("owner_id", sa.Uuid()),
        sa.Column("account_id", sa.Uuid()),
        sa.Column("primary_contact_id", sa.Uuid()),
    )
    op.create_index("deal_copy_contact", "deal_copy", ["primary_contact_id"])
    op.create_index("deal_copy_account", "deal_copy", ["account_id"])
    op.create_table(
        "user_copy",
        *db.copy_columns(),
        sa.Column("name", sa.Text()),
        sa.Column("team_id", sa.Uuid()),
        sa.Column("active", sa.Boolean()),
    )
