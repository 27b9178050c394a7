"""Add what sign-ins are kept safe by: failures counted, second factors, where sessions are from."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "202611221702"
down_revision = "202611221701"
MOMENT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "sign_in_failure",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("name_hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("sign_in_failure_of", "sign_in_failure", ["name_hash", "at"])
    op.create_table(
        "second_factor",
        sa.Column("user_id", sa.Uuid(), primary_key=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_at", MOMENT),
        sa.Column("last_step", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("recovery", postgresql.ARRAY(sa.LargeBinary()), nullable=False),
    )
    op.add_column("credential", sa.Column("address", sa.Text()))
    op.add_column("credential", sa.Column("agent", sa.Text()))
    op.add_column("credential", sa.Column("last_used_at", MOMENT))
    op.create_index(
        "credential_of", "credential", ["user_id", "kind"],
        postgresql_where=sa.text("revoked_at is null"),
    )  # fmt: skip
    op.add_column(
        "user",
        sa.Column("must_change_password", sa.Boolean(), nullable=False, server_default="false"),
    )


def downgrade() -> None:
    op.drop_column("user", "must_change_password")
    op.drop_index("credential_of", "credential")
    for name in ("address", "agent", "last_used_at"):
        op.drop_column("credential", name)
    op.drop_table("second_factor")
    op.drop_table("sign_in_failure")
