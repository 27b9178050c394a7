"""Add mails to people of the house."""

import sqlalchemy as sa
from alembic import op

revision = "202611221810"
down_revision = "202611221801"
MOMENT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "mail",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("key", sa.Text(), nullable=False, unique=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("queued_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.Uuid()),
        sa.Column("settled_at", MOMENT),
        sa.Column("fault", sa.Text()),
    )
    op.create_index(
        "mail_due", "mail", ["due_at", "id"],
        postgresql_where=sa.text("state in ('queued', 'sending')"),
    )  # fmt: skip
    op.create_index(
        "mail_settled", "mail", ["settled_at"], postgresql_where=sa.text("settled_at is not null")
    )


def downgrade() -> None:
    op.drop_table("mail")
