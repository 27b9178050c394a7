"""What a migration makes in a service that keeps copies of fields and rules, and their columns."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from crm_chassis import db
from crm_fields.judging import CHECKS


def _check(rule: Mapping[str, Any]) -> str | None:
    return next((name for name in CHECKS if rule.get(name) is not None), None)


FIELD_COLUMNS: Mapping[str, str] = {
    name: name
    for name in (
        "object", "key", "label", "type", "options", "required", "unique", "searchable",
        "sensitive", "position",
    )
}  # fmt: skip
Column = str | Callable[[dict[str, Any]], Any]
RULE_COLUMNS: Mapping[str, Column] = {
    "object": "object",
    "when": "when",
    "kind_of_check": _check,
    "argument": lambda rule: rule.get(_check(rule) or ""),
    "message": "message",
    "severity": "severity",
    "active": "active",
}
_FLAGS = ("required", "unique", "searchable", "sensitive")


def upgrade(op: Any, tables: Sequence[str]) -> None:
    """Make the copies, the index of values, and have records of these tables indexed."""
    _copies(op)
    _values(op)
    op.execute(_FOLDED)
    op.execute(_ROWS)
    op.execute(_INDEX_RECORD)
    op.execute(_INDEX_FIELD.replace("@tables", ", ".join(f"'{each}'" for each in tables)))
    op.execute(_RENEW)
    op.execute(
        "create trigger index_field after insert or update or delete on field_copy "
        "for each row execute function index_field()"
    )
    op.execute(
        "create trigger renew_rulebook after insert or update or delete on validation_rule_copy "
        "for each row execute function renew_rulebook()"
    )
    for table in tables:
        _held(op, table)


def downgrade(op: Any, tables: Sequence[str], *, with_custom: Sequence[str] = ()) -> None:
    """Take away what `upgrade` made; of tables `with_custom` also that column."""
    for table in tables:
        for name in ("index_custom_new", "index_custom"):
            op.execute(f"drop trigger {name} on {table}")
        op.drop_column(table, "secret")
        if table in with_custom:
            op.drop_column(table, "custom")
    for name in ("field_copy", "validation_rule_copy", "rule_breach", "rulebook"):
        op.drop_table(name)
    for function in (
        "index_custom()", "index_field()", "renew_rulebook()",
        "custom_rows(text, uuid, jsonb, boolean)", "folded(text)",
    ):  # fmt: skip
        op.execute(f"drop function {function}")
    op.drop_table("custom_value")


def _held(op: Any, table: str) -> None:
    op.execute(f"alter table {table} add column if not exists custom jsonb not null default '{{}}'")
    op.execute(f"alter table {table} add column secret jsonb not null default '{{}}'")
    op.execute(
        f"create trigger index_custom_new after insert on {table} for each row "
        "when (new.custom <> '{}') execute function index_custom()"
    )
    op.execute(
        f"create trigger index_custom after update of custom, archived_at on {table} for each row "
        "when (new.custom is distinct from old.custom "
        "or (new.archived_at is null) <> (old.archived_at is null)) "
        "execute function index_custom()"
    )


def _copies(op: Any) -> None:
    op.create_table(
        "field_copy",
        *db.copy_columns(),
        *(sa.Column(name, sa.Text()) for name in ("object", "key", "label", "type")),
        sa.Column("options", JSONB()),
        *(sa.Column(name, sa.Boolean()) for name in _FLAGS),
        sa.Column("position", sa.Integer()),
    )
    op.create_index("field_copy_key", "field_copy", ["object", "key"])
    op.create_table(
        "validation_rule_copy",
        *db.copy_columns(),
        sa.Column("object", sa.Text()),
        sa.Column("when", JSONB()),
        sa.Column("kind_of_check", sa.Text()),
        sa.Column("argument", JSONB()),
        sa.Column("message", sa.Text()),
        sa.Column("severity", sa.Text()),
        sa.Column("active", sa.Boolean()),
    )
    op.create_table(
        "rulebook",
        sa.Column("is_only", sa.Boolean(), sa.CheckConstraint("is_only"), primary_key=True),
        sa.Column("stamp", sa.Uuid(), nullable=False),
    )


def _values(op: Any) -> None:
    op.create_table(
        "custom_value",
        sa.Column("object", sa.Text(), primary_key=True),
        sa.Column("record_id", sa.Uuid(), primary_key=True),
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True),
        *(sa.Column(name, sa.Text()) for name in ("text_value", "long_value")),
        sa.Column("number_value", sa.Numeric()),
        sa.Column("moment_value", sa.DateTime(timezone=True)),
        *(sa.Column(name, sa.Text()) for name in ("unique_key", "search_key")),
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
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("rule_breach_rule", "rule_breach", ["rule_id", "record_id"])


# Texts without accents, in one case, words after one space each.
_FOLDED = r"""
create function folded(said text) returns text language sql immutable as $$
    select ' ' || btrim(regexp_replace(
        lower(regexp_replace(normalize(replace(said, '+', ''), nfkd), e'[\u0300-\u036f]', '', 'g')),
        '[^\w@.-]+', ' ', 'g'))
$$
"""
# What was there before its field was made may be of another type: it is not indexed by it.
_ROWS = r"""
create function custom_rows(of_object text, of_record uuid, custom jsonb, is_live boolean)
returns setof custom_value language sql stable as $$
    select of_object, of_record, f.key, (e.position - 1)::int,
        case when f.type = 'money' then e.value ->> 'currency'
             when f.type not in ('text', 'url', 'number', 'datetime')
                 then left(e.value #>> '{}', 500) end,
        case when f.type in ('text', 'url') then e.value #>> '{}' end,
        case when f.type = 'number' and jsonb_typeof(e.value) = 'number'
                 then (e.value #>> '{}')::numeric
             when f.type = 'money' and (e.value ->> 'amount') ~ '^-?\d{1,16}(\.\d+)?$'
                 then (e.value ->> 'amount')::numeric end,
        case when f.type = 'datetime'
                  and (e.value #>> '{}') ~ '^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\dZ$'
                 then (e.value #>> '{}')::timestamptz end,
        case when f."unique" and is_live then left(lower(e.value #>> '{}'), 2000) end,
        case when f.searchable then folded(coalesce((
            select o ->> 'label' from jsonb_array_elements(f.options) as o
            where o ->> 'value' = e.value #>> '{}'), e.value #>> '{}')) end
    from jsonb_each(custom) as given(key, value)
    join field_copy f on f.object = of_object and f.key = given.key
        and f.archived_at is null and not f.sensitive
    cross join lateral jsonb_array_elements(
        case when jsonb_typeof(given.value) = 'array' then given.value
             else jsonb_build_array(given.value) end
    ) with ordinality as e(value, position)
$$
"""
_INDEX_RECORD = """
create function index_custom() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        delete from custom_value where object = tg_table_name and record_id = new.id;
    end if;
    insert into custom_value
    select * from custom_rows(tg_table_name, new.id, new.custom, new.archived_at is null);
    return null;
end $$
"""
# A fact cannot be refused: of those who share what becomes unique, one keeps it to itself.
_INDEX_FIELD = """
create function index_field() returns trigger language plpgsql as $$
declare
    f record;
begin
    perform pg_advisory_xact_lock(hashtextextended('rulebook', 0));
    insert into rulebook (is_only, stamp) values (true, gen_random_uuid())
    on conflict (is_only) do update set stamp = excluded.stamp;
    if tg_op = 'UPDATE' then
        if new.options is not distinct from old.options
           and new."unique" is not distinct from old."unique"
           and new.searchable is not distinct from old.searchable
           and new.archived_at is not distinct from old.archived_at
           and new.object is not distinct from old.object then
            return null;
        end if;
    end if;
    if tg_op = 'DELETE' then f := old; else f := new; end if;
    if f.object is null or f.object not in (@tables) then
        return null;
    end if;
    delete from custom_value where object = f.object and key = f.key;
    if tg_op = 'DELETE' or f.archived_at is not null or f.sensitive then
        delete from rule_breach where rule_id = f.id;
        return null;
    end if;
    execute format('
        insert into custom_value
        select v.object, v.record_id, v.key, v.position, v.text_value, v.long_value,
            v.number_value, v.moment_value,
            case when row_number() over (partition by v.unique_key order by v.record_id) = 1
                then v.unique_key end,
            v.search_key
        from %1$I as r cross join lateral custom_rows(
            %1$L, r.id, jsonb_build_object(%2$L, r.custom -> %2$L), r.archived_at is null) as v
        where jsonb_exists(r.custom, %2$L)', f.object, f.key);
    return null;
end $$
"""
# Who broke a rule that asks for something else now is found at the record's next write.
_RENEW = """
create function renew_rulebook() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('rulebook', 0));
    insert into rulebook (is_only, stamp) values (true, gen_random_uuid())
    on conflict (is_only) do update set stamp = excluded.stamp;
    if tg_op <> 'INSERT' then
        delete from rule_breach where rule_id = old.id;
    end if;
    return null;
end $$
"""
