"""Say what each contact is in a deal."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "202611221102"
down_revision = "202611221101"


def upgrade() -> None:
    column = sa.Column("contact_roles", JSONB(), nullable=False, server_default=sa.text("'[]'"))
    op.add_column("deal", column)
    op.create_index(
        "deal_contact_roles", "deal", ["contact_roles"], postgresql_using="gin",
        postgresql_ops={"contact_roles": "jsonb_path_ops"},
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("deal_contact_roles")
    op.drop_column("deal", "contact_roles")
