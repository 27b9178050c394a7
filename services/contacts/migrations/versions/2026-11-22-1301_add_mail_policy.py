"""Add the rule for mail."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "202611221301"
down_revision = "202611221201"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_policy",
        sa.Column("is_only", sa.Boolean(), primary_key=True, server_default="true"),
        sa.Column("strangers", sa.Text(), nullable=False),
        sa.Column("companies", sa.Boolean(), nullable=False),
        sa.Column("own_domains", ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint("is_only", name="mail_policy_only_one"),
    )


def downgrade() -> None:
    op.drop_table("mail_policy")
