"""Keep how contacts want to be written to; let segments be remembered."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "202611221201"
down_revision = "202611221001"


def upgrade() -> None:
    op.add_column("contact_copy", sa.Column("preferences", JSONB()))
    op.add_column("segment", sa.Column("snapshot_of_id", sa.Uuid()))
    # What stands in the copy already is asked for again, with the new column.
    op.execute(
        "update registration set position = 'due', registered_at = now() "
        "where handler = 'marketing.copy.contact' and producer = ''"
    )


def downgrade() -> None:
    op.drop_column("segment", "snapshot_of_id")
    op.drop_column("contact_copy", "preferences")
