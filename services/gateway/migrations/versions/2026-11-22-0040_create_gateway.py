"""Create identity, the customer view and the services' documents."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_chassis import db

revision = "202611220040"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
TEXTS = postgresql.ARRAY(sa.Text())
TABLES = ("service_document", "view_stale", "customer_view", "view_link", "view_record", "credential",
          "settings", "team", "user")  # fmt: skip


def upgrade() -> None:
    db.spine_upgrade(op, 1)
    _create_identity()
    _create_view()
    op.create_table(
        "service_document",
        sa.Column("service", sa.Text(), primary_key=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("fetched_at", MOMENT, nullable=False),
    )


def downgrade() -> None:
    for name in TABLES:
        op.drop_table(name)


def _create_identity() -> None:
    op.create_table(
        "user",
        *db.aggregate_columns(),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", TEXTS, nullable=False),
        sa.Column("password_hash", sa.Text()),
        sa.Column("active", sa.Boolean(), nullable=False),
    )
    op.create_index(
        "user_email", "user", [sa.text("lower(email)")], unique=True,
        postgresql_where=sa.text("archived_at is null"),
    )  # fmt: skip
    op.create_table("team", *db.aggregate_columns(), sa.Column("name", sa.Text(), nullable=False))
    op.create_table(
        "settings",
        *db.aggregate_columns(),
        sa.Column("base_currency", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("fiscal_year_start", sa.Text(), nullable=False),
    )
    op.create_table(
        "credential",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("user_id", sa.Uuid(), nullable=False, index=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", TEXTS, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
    )


def _create_view() -> None:
    uuids = postgresql.ARRAY(sa.Uuid())
    op.create_table(
        "view_record",
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text()),
        sa.Column("digest", sa.Uuid(), nullable=False),
        sa.Column("customer_ids", uuids, nullable=False),
        sa.Column("left_ids", uuids, nullable=False),
        sa.Column("owner_id", sa.Uuid()),
        sa.Column("team_id", sa.Uuid()),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("sort_at", MOMENT, nullable=False),
        sa.Column("title", sa.Text()),
        sa.Column("search_text", sa.Text()),
    )
    op.create_index("view_record_source", "view_record", ["service", "kind"])
    op.execute(
        "create index view_record_words on view_record using gin (to_tsvector('simple', search_text))"
        " where search_text is not null"
    )
    op.execute(
        "create index view_record_trigrams on view_record using gin (search_text gin_trgm_ops)"
        " where search_text is not null"
    )
    op.create_table(
        "view_link",
        sa.Column("customer_id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("record_id", sa.Uuid(), primary_key=True),
        sa.Column("sort_at", MOMENT, nullable=False),
    )
    op.create_index(
        "view_link_newest", "view_link", ["customer_id", "kind", "sort_at", "record_id"]
    )
    op.create_index("view_link_record", "view_link", ["kind", "record_id"])
    op.create_table(
        "customer_view",
        sa.Column("customer_id", sa.Uuid(), primary_key=True),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("contacts", sa.Text(), nullable=False),
        sa.Column("sales", sa.Text(), nullable=False),
        sa.Column("marketing", sa.Text(), nullable=False),
        sa.Column("support", sa.Text(), nullable=False),
        sa.Column("timeline", sa.Text(), nullable=False),
        sa.Column("versions", postgresql.JSONB(), nullable=False),
        sa.Column("composed_at", MOMENT, nullable=False),
    )
    op.create_table(
        "view_stale",
        sa.Column("customer_id", sa.Uuid(), primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
    )
