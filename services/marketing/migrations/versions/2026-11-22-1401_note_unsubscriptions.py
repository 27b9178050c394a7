"""Note who wants no more mails, and who complains of one."""

import sqlalchemy as sa
from alembic import op

revision = "202611221401"
down_revision = "202611221201"
_COLUMNS = ("unsubscribed_at", "complained_at")


def upgrade() -> None:
    for name in _COLUMNS:
        op.add_column("message", sa.Column(name, sa.DateTime(timezone=True)))


def downgrade() -> None:
    for name in _COLUMNS:
        op.drop_column("message", name)
