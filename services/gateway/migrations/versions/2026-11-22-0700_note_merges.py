"""Note in the view whom a contact was merged into."""

import sqlalchemy as sa
from alembic import op

revision = "202611220700"
down_revision = "202611220405"


def upgrade() -> None:
    op.add_column("view_record", sa.Column("merged_into", sa.Uuid()))
    op.create_index(
        "view_record_merged", "view_record", ["merged_into"],
        postgresql_where=sa.text("merged_into is not null"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("view_record_merged")
    op.drop_column("view_record", "merged_into")
