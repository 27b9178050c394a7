"""Add documents, their versions, and the contents that are kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from crm_chassis import db

revision = "202611221102"
down_revision = "202611221101"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "document",
        *db.aggregate_columns(),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(collation="C"), nullable=False),
        sa.Column("description", sa.Text()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
        sa.Column("signed_at", _MOMENT),
        sa.Column("published_at", _MOMENT),
        sa.Column("subjects", JSONB(), nullable=False),
        sa.Column("next_number", sa.Integer(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
    )
    op.create_table(
        "document_version",
        sa.Column("document_id", sa.Uuid(), sa.ForeignKey("document.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("comment", sa.Text()),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
    )
    op.create_table(
        "content",
        sa.Column("sha256", sa.Text(), primary_key=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("used_at", _MOMENT, nullable=False),
    )
    _indexes()


def _indexes() -> None:
    op.create_index("document_created", "document", ["created_at", "id"])
    op.create_index("document_updated", "document", ["updated_at", "id"])
    op.create_index("document_owner", "document", ["owner_id", "created_at", "id"])
    op.create_index("document_folder", "document", ["folder"])
    op.create_index(
        "document_ends", "document", ["valid_to", "id"],
        postgresql_where=sa.text("status in ('active', 'signed')"),
    )  # fmt: skip
    op.create_index(
        "document_words", "document", ["search_text"], postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )  # fmt: skip
    op.create_index(
        "document_subjects", "document", ["subjects"], postgresql_using="gin",
        postgresql_ops={"subjects": "jsonb_path_ops"},
    )  # fmt: skip
    op.create_index("document_version_content", "document_version", ["sha256"])
    op.create_index("content_used", "content", ["used_at"])


def downgrade() -> None:
    for table in ("content", "document_version", "document"):
        op.drop_table(table)
