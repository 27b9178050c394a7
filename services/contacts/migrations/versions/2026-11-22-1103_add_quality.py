"""Add audits of the data, what they found, and weights of rules."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from crm_chassis import db

revision = "202611221103"
down_revision = "202611221102"
branch_labels = None
depends_on = None

_SCORES = ("score", "completeness", "validity", "freshness")


def upgrade() -> None:
    op.create_table(
        "quality_audit",
        *db.aggregate_columns(),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("fresh_days", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("checked", JSONB(), nullable=False),
        sa.Column("findings", JSONB(), nullable=False),
        sa.Column("scores", JSONB(), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True)),
    )
    op.create_index("quality_audit_created", "quality_audit", ["created_at", "id"])
    op.create_table(
        "quality_finding",
        sa.Column("number", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid()),
        sa.Column("team_id", sa.Uuid()),
    )
    op.create_index("quality_finding_of", "quality_finding", ["audit_id", "reason", "number"])
    op.create_table(
        "quality_team",
        sa.Column("audit_id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("team_id", sa.Uuid(), primary_key=True),
        sa.Column("records", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _SCORES),
    )
    op.create_table(
        "quality_weight",
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("reason", sa.Text(), primary_key=True),
        sa.Column("weight", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    for table in ("quality_weight", "quality_team", "quality_finding", "quality_audit"):
        op.drop_table(table)
