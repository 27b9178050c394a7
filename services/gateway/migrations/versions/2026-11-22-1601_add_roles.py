"""Add roles, teams below teams, and who is assigned to a record."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_chassis import db

revision = "202611221601"
down_revision = "202611221201"
# The rows' conditions of the chassis ask for people by this name in every service.
_PEOPLE = """create view user_copy as select id, team_id from "user" """
_ASSIGNED = """
update view_record set assignee_id = (body::json ->> 'assignee_id')::uuid
where body like '%"assignee_id":"%'
"""


def upgrade() -> None:
    db.spine_upgrade(op, 4)
    op.create_table(
        "role",
        *db.aggregate_columns(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), unique=True),
        sa.Column("grants", postgresql.JSONB(), nullable=False),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("special", postgresql.ARRAY(sa.Text()), nullable=False),
    )
    op.create_index(
        "role_name", "role", [sa.text("lower(name)")], unique=True,
        postgresql_where=sa.text("archived_at is null"),
    )  # fmt: skip
    op.add_column("team", sa.Column("parent_id", sa.Uuid(), sa.ForeignKey("team.id")))
    op.execute(_PEOPLE)
    op.add_column("view_record", sa.Column("assignee_id", sa.Uuid()))
    op.execute(_ASSIGNED)


def downgrade() -> None:
    op.drop_column("view_record", "assignee_id")
    op.execute("drop view user_copy")
    op.drop_column("team", "parent_id")
    op.drop_table("role")
    db.spine_downgrade(op, 4)
