"""Say of addresses and numbers whether they are right."""

import sqlalchemy as sa
from alembic import op

revision = "202611221402"
down_revision = "202611221401"
_COLUMNS = ("quality", "judged_at", "judged_by", "judged_why")


def upgrade() -> None:
    op.add_column(
        "contact_point", sa.Column("quality", sa.Text(), nullable=False, server_default="unknown")
    )
    op.add_column("contact_point", sa.Column("judged_at", sa.DateTime(timezone=True)))
    op.add_column("contact_point", sa.Column("judged_by", sa.Text()))
    op.add_column("contact_point", sa.Column("judged_why", sa.Text()))
    op.execute(
        "update contact_point set quality = case when deliverability = 'invalid' then 'incorrect'"
        " else 'correct' end where deliverability in ('ok', 'complained', 'invalid')"
    )


def downgrade() -> None:
    for name in _COLUMNS:
        op.drop_column("contact_point", name)
