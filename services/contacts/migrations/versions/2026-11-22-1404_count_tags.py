"""Count tags as they are given and taken away."""

import sqlalchemy as sa
from alembic import op

revision = "202611221404"
down_revision = "202611221403"
_TABLES = ("contact", "account")
# Changes stand as rows of their own until they are folded: nobody waits for who has the same tag.
# What decides who may see a record decides in whose count it is.
_FUNCTION = """
create function count_tags() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' and old.archived_at is null then
        insert into tag_count (kind, tag, visibility, owner_id, team_id, number)
        select tg_table_name, tag, old.visibility, old.owner_id, old.team_id, -1
        from unnest(old.tags) as had(tag);
    end if;
    if tg_op <> 'DELETE' and new.archived_at is null then
        insert into tag_count (kind, tag, visibility, owner_id, team_id, number)
        select tg_table_name, tag, new.visibility, new.owner_id, new.team_id, 1
        from unnest(new.tags) as has(tag);
    end if;
    return null;
end $$
"""
_INSERTED = "create trigger @table_tags_given after insert on @table for each row "
_INSERTED += "when (cardinality(new.tags) > 0) execute function count_tags()"
_DELETED = "create trigger @table_tags_gone after delete on @table for each row "
_DELETED += "when (cardinality(old.tags) > 0) execute function count_tags()"
_UPDATED = """
create trigger @table_tags_changed after update on @table for each row
when ((old.tags <> new.tags or cardinality(new.tags) > 0) and
    (old.tags, old.archived_at is null, old.visibility, old.owner_id, old.team_id)
    is distinct from
    (new.tags, new.archived_at is null, new.visibility, new.owner_id, new.team_id))
execute function count_tags()
"""
_COUNT = """
insert into tag_count (kind, tag, visibility, owner_id, team_id, number)
select '@table', tag, visibility, owner_id, team_id, count(*)
from @table cross join lateral unnest(tags) as has(tag)
where archived_at is null group by 1, 2, 3, 4, 5
"""


def upgrade() -> None:
    op.create_table(
        "tag_count",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(collation="C"), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid()),
        sa.Column("team_id", sa.Uuid()),
        sa.Column("number", sa.BigInteger(), nullable=False),
    )
    op.create_index("tag_count_tag", "tag_count", ["kind", "tag"])
    op.execute(_FUNCTION)
    for table in _TABLES:
        for statement in (_INSERTED, _DELETED, _UPDATED, _COUNT):
            op.execute(statement.replace("@table", table))


def downgrade() -> None:
    for table in _TABLES:
        for name in ("given", "gone", "changed"):
            op.execute(f"drop trigger {table}_tags_{name} on {table}")
    op.execute("drop function count_tags()")
    op.drop_table("tag_count")
