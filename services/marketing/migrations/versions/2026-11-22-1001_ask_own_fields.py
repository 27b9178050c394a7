"""Keep what segments may ask of the contacts' own fields."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from crm_chassis import db

revision = "202611221001"
down_revision = "202611220700"


def upgrade() -> None:
    op.create_table(
        "field_copy",
        *db.copy_columns(),
        *(sa.Column(name, sa.Text()) for name in ("object", "key", "type", "label")),
        sa.Column("sensitive", sa.Boolean()),
    )
    op.add_column("contact_copy", sa.Column("birthday", sa.Text()))
    op.add_column("contact_copy", sa.Column("custom", JSONB()))
    # What stands in the copy already is asked for again, with the new columns.
    op.execute(
        "update registration set position = 'due', registered_at = now() "
        "where handler = 'marketing.copy.contact' and producer = ''"
    )


def downgrade() -> None:
    op.drop_column("contact_copy", "custom")
    op.drop_column("contact_copy", "birthday")
    op.drop_table("field_copy")
