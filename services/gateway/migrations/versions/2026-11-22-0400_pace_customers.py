"""Pace the recomposing of busy customers."""

import sqlalchemy as sa
from alembic import op

revision = "202611220400"
down_revision = "202611220040"


def upgrade() -> None:
    paced = sa.Column(
        "paced_until", sa.DateTime(timezone=True), nullable=False, server_default="-infinity"
    )
    op.add_column("customer_view", paced)
    op.create_index("view_stale_at", "view_stale", ["at"])


def downgrade() -> None:
    op.drop_index("view_stale_at", "view_stale")
    op.drop_column("customer_view", "paced_until")
