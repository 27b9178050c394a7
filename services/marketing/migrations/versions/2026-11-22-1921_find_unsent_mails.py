"""Find what was not sent, or perhaps not, of late."""

import sqlalchemy as sa
from alembic import op

revision = "202611221921"
down_revision = "202611221832"


def upgrade() -> None:
    op.create_index(
        "message_unsent", "message", ["updated_at"],
        postgresql_where=sa.text("status in ('failed', 'unsure')"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("message_unsent", "message")
