"""Let accounts be merged."""

import sqlalchemy as sa
from alembic import op

revision = "202611221401"
down_revision = "202611221301"


def upgrade() -> None:
    op.add_column("account", sa.Column("merged_into_id", sa.Uuid()))
    op.create_index(
        "account_merged", "account", ["merged_into_id"],
        postgresql_where=sa.text("merged_into_id is not null"),
    )  # fmt: skip
    op.add_column(
        "merge", sa.Column("subject_type", sa.Text(), nullable=False, server_default="contact")
    )


def downgrade() -> None:
    op.drop_column("merge", "subject_type")
    op.drop_index("account_merged")
    op.drop_column("account", "merged_into_id")
