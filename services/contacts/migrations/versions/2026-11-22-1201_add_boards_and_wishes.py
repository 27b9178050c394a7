"""Add boards, reminders, mentions, reactions and contacts' wishes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from crm_chassis import db

revision = "202611221201"
down_revision = "202611221105"

_MOMENT = sa.DateTime(timezone=True)
_EMPTY_LIST, _EMPTY_JSON, _EMPTY_ARRAY = sa.text("'[]'"), sa.text("'{}'"), sa.text("'{}'")
_TASK = ("collaborator_ids", "reminders", "board_id", "column_id", "overdue_at", "remind_at")
_NOTE = ("internal", "mentions", "reactions", "reply_to_id")


def upgrade() -> None:
    op.create_table(
        "board",
        *db.aggregate_columns(),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("department", sa.Text()),
        sa.Column("columns", JSONB(), nullable=False),
        sa.Column("members", JSONB(), nullable=False),
    )
    _tasks()
    _notes()
    op.add_column(
        "contact", sa.Column("preferences", JSONB(), nullable=False, server_default=_EMPTY_JSON)
    )
    for table in ("contact", "account"):
        op.create_index(f"{table}_tags", table, ["tags"], postgresql_using="gin")


def downgrade() -> None:
    for table in ("contact", "account"):
        op.drop_index(f"{table}_tags", table)
    op.drop_column("contact", "preferences")
    for column in _NOTE:
        op.drop_column("note", column)
    for column in _TASK:
        op.drop_column("task", column)
    op.drop_table("board")


def _tasks() -> None:
    uuids = ARRAY(sa.Uuid())
    for column in (
        sa.Column("collaborator_ids", uuids, nullable=False, server_default=_EMPTY_ARRAY),
        sa.Column("reminders", JSONB(), nullable=False, server_default=_EMPTY_LIST),
        sa.Column("board_id", sa.Uuid()),
        sa.Column("column_id", sa.Uuid()),
        sa.Column("overdue_at", _MOMENT),
        sa.Column("remind_at", _MOMENT),
    ):
        op.add_column("task", column)
    op.create_index(
        "task_remind", "task", ["remind_at"], postgresql_where=sa.text("remind_at is not null")
    )
    op.create_index(
        "task_due", "task", ["due_at"],
        postgresql_where=sa.text("overdue_at is null and archived_at is null"),
    )  # fmt: skip
    op.create_index(
        "task_column", "task", ["column_id"], postgresql_where=sa.text("column_id is not null")
    )
    op.create_index("task_collaborators", "task", ["collaborator_ids"], postgresql_using="gin")


def _notes() -> None:
    uuids = ARRAY(sa.Uuid())
    for column in (
        sa.Column("internal", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("mentions", uuids, nullable=False, server_default=_EMPTY_ARRAY),
        sa.Column("reactions", JSONB(), nullable=False, server_default=_EMPTY_JSON),
        sa.Column("reply_to_id", sa.Uuid()),
    ):
        op.add_column("note", column)
    op.create_index(
        "note_replies", "note", ["reply_to_id"],
        postgresql_where=sa.text("reply_to_id is not null"),
    )  # fmt: skip
    op.create_index("note_mentions", "note", ["mentions"], postgresql_using="gin")
