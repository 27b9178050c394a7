"""Add imports and exports, their files and rows, and whom other systems' records became."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from crm_chassis import db

revision = "202611220705"
down_revision = "202611220700"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_TABLES = ("import_account", "import_key", "import_row", "export", "import", "stored_part")


def upgrade() -> None:
    op.add_column("job", sa.Column("turned_at", _MOMENT))
    _files()
    _imports()
    _rows()
    op.create_table(
        "export",
        *db.aggregate_columns(),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("filter", JSONB(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("acting", JSONB(), nullable=False),
        sa.Column("message", sa.Text()),
    )
    op.create_index("export_created", "export", ["created_at", "id"])


def downgrade() -> None:
    for table in ("contact_origin", *_TABLES):
        op.drop_table(table)
    op.drop_column("job", "turned_at")


def _files() -> None:
    op.create_table(
        "stored_part",
        sa.Column("file_id", sa.Uuid(), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
    )


def _imports() -> None:
    op.create_table(
        "import",
        *db.aggregate_columns(),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("encoding", sa.Text(), nullable=False),
        sa.Column("delimiter", sa.Text()),
        sa.Column("headers", ARRAY(sa.Text()), nullable=False),
        sa.Column("rows_at", sa.BigInteger(), nullable=False),
        sa.Column("rows_line", sa.BigInteger(), nullable=False),
        sa.Column("mapping", JSONB(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("match_keys", ARRAY(sa.Text()), nullable=False),
        sa.Column("duplicates", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("date_order", sa.Text()),
        sa.Column("date_order_because", sa.Text()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("counts", JSONB(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("acting", JSONB(), nullable=False),
        sa.Column("message", sa.Text()),
    )
    op.create_index("import_created", "import", ["created_at", "id"])


def _of_import() -> sa.ForeignKey:
    return sa.ForeignKey("import.id", ondelete="cascade")


def _rows() -> None:
    op.create_table(
        "import_row",
        sa.Column("import_id", sa.Uuid(), _of_import(), primary_key=True),
        sa.Column("number", sa.BigInteger(), primary_key=True),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reasons", ARRAY(sa.Text()), nullable=False),
        sa.Column("body", JSONB()),
        sa.Column("keys", ARRAY(sa.Text()), nullable=False),
        sa.Column("contact_id", sa.Uuid()),
        sa.Column("version", sa.BigInteger()),
        sa.Column("before", JSONB()),
    )
    op.create_index("import_row_status", "import_row", ["import_id", "status", "number"])
    op.create_index(
        "import_row_contact", "import_row", ["import_id", "contact_id"],
        postgresql_where=sa.text("version is not null"),
    )  # fmt: skip
    op.create_table(
        "import_key",
        sa.Column("import_id", sa.Uuid(), _of_import(), primary_key=True),
        sa.Column("key", sa.Text(), primary_key=True),
    )
    op.create_table(
        "import_account",
        sa.Column("import_id", sa.Uuid(), _of_import(), primary_key=True),
        sa.Column("account_id", sa.Uuid(), primary_key=True),
    )
    op.create_table(
        "contact_origin",
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("external_id", sa.Text(), primary_key=True),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
    )
    op.create_index("contact_origin_of", "contact_origin", ["contact_id"])
    op.create_index("contact_origin_import", "contact_origin", ["import_id"])
