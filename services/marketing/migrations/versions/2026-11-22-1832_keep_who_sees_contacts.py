"""Keep who may see a contact: members of segments are shown to them only."""

import sqlalchemy as sa
from alembic import op

revision = "202611221832"
down_revision = "202611221801"


def upgrade() -> None:
    op.add_column("contact_copy", sa.Column("team_id", sa.Uuid()))
    op.add_column("contact_copy", sa.Column("visibility", sa.Text()))


def downgrade() -> None:
    op.drop_column("contact_copy", "visibility")
    op.drop_column("contact_copy", "team_id")
