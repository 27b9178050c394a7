"""Add what a search's beginnings of names are found by."""

import sqlalchemy as sa
from alembic import op

revision = "202611220801"
down_revision = "202611220700"

KEYS = ("title_key", "name_key")


def upgrade() -> None:
    for key in KEYS:
        op.add_column("view_record", sa.Column(key, sa.Text(collation="C")))
    # What is kept already is found by the words of its title until it is told anew.
    op.execute(
        "update view_record set title_key = left(lower(unaccent(title)), 200) where title is not null"
    )
    for key in KEYS:
        op.create_index(
            f"view_record_{key}", "view_record", ["kind", key, "id"],
            postgresql_where=sa.text(f"{key} is not null"),
        )  # fmt: skip


def downgrade() -> None:
    for key in KEYS:
        op.drop_index(f"view_record_{key}", "view_record")
        op.drop_column("view_record", key)
