"""Add fields made at run time, an index of their values, and the rules records are held to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from crm_chassis import db

revision = "202611221001"
down_revision = "202611220705"

_MOMENT = sa.DateTime(timezone=True)
_HELD = ("contact", "account")


def upgrade() -> None:
    _definitions()
    _values()
    for table in _HELD:
        op.add_column(
            table, sa.Column("secret", JSONB(), nullable=False, server_default=sa.text("'{}'"))
        )
        op.execute(
            f"create trigger index_custom after insert or update of custom, archived_at on {table} "
            "for each row execute function index_custom()"
        )


def downgrade() -> None:
    for table in _HELD:
        op.execute(f"drop trigger index_custom on {table}")
        op.drop_column(table, "secret")
    op.execute("drop function index_custom()")
    op.execute("drop function custom_rows(text, uuid, jsonb, boolean)")
    op.execute("drop function folded(text)")
    for table in ("rule_breach", "custom_value", "rulebook", "naming_rule", "validation_rule"):
        op.drop_table(table)
    op.drop_table("field")


def _definitions() -> None:
    op.create_table(
        "field",
        *db.aggregate_columns(),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("object", "key", "label", "type")
        ),
        sa.Column("options", JSONB(), nullable=False),
        *(
            sa.Column(name, sa.Boolean(), nullable=False)
            for name in ("required", "unique", "searchable", "sensitive")
        ),
        sa.Column("group", sa.Text()),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("help", sa.Text()),
        # Of archived ones too: the values they left were read by their type.
        sa.UniqueConstraint("object", "key", name="field_key"),
    )
    op.create_table(
        "validation_rule",
        *db.aggregate_columns(),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("object", "name")),
        sa.Column("when", JSONB()),
        sa.Column("kind_of_check", sa.Text(), nullable=False),
        sa.Column("argument", JSONB(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("message", "severity")),
        sa.Column("active", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "naming_rule",
        *db.aggregate_columns(),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("object", "name", "field")),
        sa.Column("style", sa.Text(), nullable=False),
        sa.Column("argument", JSONB(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
    )
    for table in ("field", "validation_rule", "naming_rule"):
        op.create_index(f"{table}_created", table, ["created_at", "id"])
    op.create_table(
        "rulebook",
        sa.Column("is_only", sa.Boolean(), sa.CheckConstraint("is_only"), primary_key=True),
        sa.Column("stamp", sa.Uuid(), nullable=False),
    )


def _values() -> None:
    op.create_table(
        "custom_value",
        sa.Column("object", sa.Text(), primary_key=True),
        sa.Column("record_id", sa.Uuid(), primary_key=True),
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True),
        sa.Column("text_value", sa.Text()),
        sa.Column("long_value", sa.Text()),
        sa.Column("number_value", sa.Numeric()),
        sa.Column("moment_value", _MOMENT),
        sa.Column("unique_key", sa.Text()),
        sa.Column("search_key", sa.Text()),
    )
    for name in ("text", "number", "moment"):
        op.create_index(
            f"custom_value_{name}", "custom_value", ["object", "key", f"{name}_value"],
            postgresql_where=sa.text(f"{name}_value is not null"),
        )  # fmt: skip
    op.create_index(
        "custom_value_unique", "custom_value", ["object", "key", "unique_key"], unique=True,
        postgresql_where=sa.text("unique_key is not null"),
    )  # fmt: skip
    op.create_index(
        "custom_value_search", "custom_value", ["search_key"], postgresql_using="gin",
        postgresql_ops={"search_key": "gin_trgm_ops"},
        postgresql_where=sa.text("search_key is not null"),
    )  # fmt: skip
    op.create_table(
        "rule_breach",
        sa.Column("object", sa.Text(), primary_key=True),
        sa.Column("record_id", sa.Uuid(), primary_key=True),
        sa.Column("rule_id", sa.Uuid(), primary_key=True),
        sa.Column("field", sa.Text(), primary_key=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("suggestion", sa.Text()),
        sa.Column("noted_at", _MOMENT, nullable=False),
    )
    op.create_index("rule_breach_rule", "rule_breach", ["rule_id", "record_id"])
    op.execute(_FOLDED)
    op.execute(_ROWS)
    op.execute(_INDEX)


# As `values.sort_key` folds text: without accents, in one case, words after one space each.
_FOLDED = r"""
create function folded(said text) returns text language sql immutable as $$
    select ' ' || btrim(regexp_replace(
        lower(regexp_replace(normalize(replace(said, '+', ''), nfkd), e'[\u0300-\u036f]', '', 'g')),
        '[^\w@.-]+', ' ', 'g'))
$$
"""
_ROWS = """
create function custom_rows(of_object text, of_record uuid, custom jsonb, is_live boolean)
returns setof custom_value language sql stable as $$
    select of_object, of_record, f.key, (e.position - 1)::int,
        case when f.type = 'money' then e.value ->> 'currency'
             when f.type not in ('text', 'url', 'number', 'datetime') then e.value #>> '{}' end,
        case when f.type in ('text', 'url') then e.value #>> '{}' end,
        case when f.type = 'number' and jsonb_typeof(e.value) = 'number'
                 then (e.value #>> '{}')::numeric
             when f.type = 'money' then (e.value ->> 'amount')::numeric end,
        case when f.type = 'datetime' then (e.value #>> '{}')::timestamptz end,
        case when f."unique" and is_live then lower(e.value #>> '{}') end,
        case when f.searchable then folded(coalesce((
            select o ->> 'label' from jsonb_array_elements(f.options) as o
            where o ->> 'value' = e.value #>> '{}'), e.value #>> '{}')) end
    from jsonb_each(custom) as given(key, value)
    join field f on f.object = of_object and f.key = given.key
        and f.archived_at is null and not f.sensitive
    cross join lateral jsonb_array_elements(
        case when jsonb_typeof(given.value) = 'array' then given.value
             else jsonb_build_array(given.value) end
    ) with ordinality as e(value, position)
$$
"""
_INDEX = """
create function index_custom() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        if new.custom = old.custom and (new.archived_at is null) = (old.archived_at is null) then
            return null;
        end if;
        if old.custom <> '{}' then
            delete from custom_value where object = tg_table_name and record_id = new.id;
        end if;
    end if;
    if new.custom <> '{}' then
        insert into custom_value
        select * from custom_rows(tg_table_name, new.id, new.custom, new.archived_at is null);
    end if;
    return null;
end $$
"""
