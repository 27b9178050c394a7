"""Add ways in: providers, invitations, links that set a password, accounts of services."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "202611221811"
down_revision = "202611221810"
MOMENT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.add_column(
        "user", sa.Column("account_type", sa.Text(), nullable=False, server_default="person")
    )
    op.add_column("second_factor", sa.Column("next_sealed", sa.LargeBinary()))
    op.create_table(
        "openid_person",
        sa.Column("issuer", sa.Text(), primary_key=True),
        sa.Column("subject", sa.Text(), primary_key=True),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("linked_at", MOMENT, nullable=False),
    )
    op.create_index("openid_person_of", "openid_person", ["user_id"])
    op.create_table(
        "openid_session",
        sa.Column("credential_id", sa.Uuid(), primary_key=True),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sid", sa.Text()),
    )
    op.create_index("openid_session_of", "openid_session", ["issuer", "subject"])
    op.create_index("openid_session_sid", "openid_session", ["issuer", "sid"])
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("team_id", sa.Uuid()),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("accepted_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.Column("user_id", sa.Uuid()),
    )
    op.create_index(
        "invitation_open", "invitation", [sa.text("lower(email)")], unique=True,
        postgresql_where=sa.text("accepted_at is null and revoked_at is null"),
    )  # fmt: skip
    op.create_table(
        "password_request",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
    )
    op.create_table(
        "password_link",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
    )
    op.create_index("password_link_of", "password_link", ["user_id", "created_at"])


def downgrade() -> None:
    for name in (
        "password_link", "password_request", "invitation", "openid_session", "openid_person",
    ):  # fmt: skip
        op.drop_table(name)
    op.drop_column("second_factor", "next_sealed")
    op.drop_column("user", "account_type")
