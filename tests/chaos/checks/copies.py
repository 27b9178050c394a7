"""Versions of copies only rise; every copy and the view equal their sources."""

from collections.abc import Collection, Iterable
from typing import Any

import psycopg

Connection = psycopg.Connection[Any]
_WATCH = """
create table if not exists chaos_fall (
    at timestamptz not null default clock_timestamp(), kept text, id uuid, before bigint, after bigint
);
grant all on chaos_fall to public;
create or replace function chaos_watch() returns trigger language plpgsql as $$
begin
    insert into chaos_fall (kept, id, before, after)
    values (tg_table_name, old.id, old.version, new.version);
    return new;
end $$;
"""
_TABLES = """
select table_name from information_schema.columns
where table_schema = 'public' and column_name = 'version'
  and (table_name like '%\\_copy' or table_name = 'view_record')
"""
_TRIGGER = """
create or replace trigger chaos_watch after update on {} for each row
when (new.version < old.version) execute function chaos_watch()
"""
_OVERDUE = """
select id::text from {} where version = 0 and first_seen_at < now() - interval '10 minutes'
"""


def watch(connection: Connection) -> list[str]:
    """From now on note every version of a copy that falls; return the watched tables."""
    connection.execute(_WATCH.encode())
    tables = [row[0] for row in connection.execute(_TABLES.encode())]
    for table in tables:
        connection.execute(_TRIGGER.format(table).encode())
    return tables


def falls(connection: Connection) -> list[str]:
    """Return the versions that fell since `watch`."""
    rows = connection.execute("select kept, id, before, after from chaos_fall order by at")
    return [f"{table} {id_} fell from {before} to {after}" for table, id_, before, after in rows]


def overdue(connection: Connection, lost: Collection[str] = frozenset()) -> list[str]:
    """Return placeholders that wait for their record too long; a `lost` one never comes."""
    names = [row[0] for row in connection.execute(_TABLES.encode())]
    found = []
    for name in (name for name in names if name.endswith("_copy")):
        rows = connection.execute(_OVERDUE.format(name).encode()).fetchall()
        found += [f"{name} waits for {id_}" for (id_,) in rows if id_ not in lost]
    return found


def differences(answers: Iterable[tuple[str, Any]]) -> list[str]:
    """Return what /internal/verify of each service found, by service."""
    return [
        f"{service}: {answer.get('differences')} differences;"
        f" first {answer.get('items', [])[:2]} {answer.get('stale_documents', [])[:2]}"
        for service, answer in answers
        if answer.get("differences") != 0
    ]
