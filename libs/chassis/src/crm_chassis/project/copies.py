"""Which records of others a service keeps, which columns of them, and the one statement that folds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import md5
from typing import Any, cast
from uuid import UUID

import orjson
import psycopg
from psycopg import sql

import crm_contracts as contracts
from crm_chassis.project.items import Item, NotYetMigrated, Source
from crm_contracts import Record

Column = str | Callable[[dict[str, Any]], Any]
_OWN = ("id", "version", "digest", "merged_into", "archived_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """Keep `columns` of each `of` record in `table`.

    A column is the name of a field of the record's JSON, or a function of that JSON. `marks` names
    a table (id uuid primary key, at timestamptz) that collects the ids that changed.
    """

    of: type[Record]
    table: str
    columns: Mapping[str, Column] = field(default_factory=dict)
    marks: str | None = None


class CopyFolder:
    """Folds messages and records into one copy."""

    def __init__(self, copy: Copy) -> None:
        """Column types are read from the table at first use."""
        self.copy = copy
        self.sources = (Source(copy.of.service, copy.of.kind),)
        self._types: dict[str, str] = {}

    def fold(
        self, connection: psycopg.Connection[Any], items: Sequence[Item], *, repair: bool = False
    ) -> None:
        """Keep the newest of each record; with `repair` also those of the same version."""
        newest: dict[UUID, Item] = {}
        for item in items:
            if item.kind != self.copy.of.kind or item.service != self.copy.of.service:
                continue
            known = newest.get(item.id)
            if known is None or known.version < item.version:
                newest[item.id] = item
        if newest:
            types = self._column_types(connection)
            rows = [self._row(newest[id_], types) for id_ in sorted(newest)]
            values = {name: [row[name] for row in rows] for name in rows[0]}
            connection.execute(self._statement(types, repair=repair), values)

    def _row(self, item: Item, types: Mapping[str, str]) -> dict[str, Any]:
        body = _told(item) if item.body else {}
        row = {
            "id": item.id,
            "version": item.version,
            "digest": UUID(bytes=md5(item.body or b"").digest()),  # noqa: S324 - not a secret
            "merged_into": body.get("merged_into_id"),
            "archived_at": body.get("archived_at"),
        }
        for name, column in self.copy.columns.items():
            value = column(body) if callable(column) else body.get(column)
            row[name] = _text(value, types[name])
        return row

    def _statement(self, types: Mapping[str, str], *, repair: bool) -> sql.Composed:
        names = [*_OWN, *self.copy.columns]
        arrays = sql.SQL(", ").join(
            sql.SQL("{}::{}[]").format(sql.Placeholder(n), sql.SQL(_OWN_TYPES.get(n, "text")))
            for n in names
        )
        casts = sql.SQL(", ").join(
            sql.SQL("{}::{}").format(sql.Identifier(n), sql.SQL(types[n])) for n in names
        )
        columns = sql.SQL(", ").join(map(sql.Identifier, names))
        updates = sql.SQL(", ").join(
            sql.SQL("{0} = excluded.{0}").format(sql.Identifier(n)) for n in names if n != "id"
        )
        return _FOLD.format(
            table=sql.Identifier(self.copy.table),
            columns=columns,
            casts=casts,
            arrays=arrays,
            updates=updates,
            older=sql.SQL("<=" if repair else "<"),
            marks=self._marks(),
        )

    def _marks(self) -> sql.Composable:
        if self.copy.marks is None:
            return sql.SQL("select count(*) from changed")
        return _MARKS.format(marks=sql.Identifier(self.copy.marks))

    def _column_types(self, connection: psycopg.Connection[Any]) -> dict[str, str]:
        if not self._types:
            found = connection.execute(_TYPES, (self.copy.table,)).fetchall()
            self._types.update(dict(found))
        absent = {*_OWN, *self.copy.columns} - set(self._types)
        if absent:
            self._types.clear()
            raise NotYetMigrated(f"{self.copy.table}: {', '.join(sorted(absent))}")
        return self._types

    def digests(self, connection: psycopg.Connection[Any], source: Source) -> list[tuple[Any, ...]]:
        """Return (bucket, count, hash) of what is kept here; see `records`."""
        del source
        table = sql.Identifier(self.copy.table)
        return connection.execute(_DIGESTS.format(table=table)).fetchall()

    def versions(
        self, connection: psycopg.Connection[Any], source: Source, bucket: str
    ) -> dict[UUID, tuple[int, str]]:
        """Return version and body digest of each record of a bucket."""
        del source
        statement = _VERSIONS.format(table=sql.Identifier(self.copy.table))
        rows = connection.execute(statement, (bucket,)).fetchall()
        return {id_: (version, digest) for id_, version, digest in rows}

    def drop(
        self, connection: psycopg.Connection[Any], source: Source, ids: Sequence[UUID]
    ) -> None:
        """Remove records their owner does not know."""
        del source
        statement = sql.SQL("delete from {} where id = any(%s) and version > 0")
        connection.execute(statement.format(sql.Identifier(self.copy.table)), (list(ids),))

    def overdue_placeholders(self, connection: psycopg.Connection[Any], *, before: datetime) -> int:
        """Count the records referred to since before then that never arrived."""
        statement = sql.SQL("select count(*) from {} where version = 0 and first_seen_at < %s")
        row = connection.execute(
            statement.format(sql.Identifier(self.copy.table)), (before,)
        ).fetchone()
        return int(row[0]) if row else 0


def _told(item: Item) -> dict[str, Any]:
    """Return the record as JSON. Raises Undecodable when it is none, or another one's.

    What was kept once in its version would keep out the genuine one.
    """
    body = item.body or b""
    record = contracts.record_from(item.service, item.kind, body)
    if (record.id, record.version) != (item.id, item.version):
        raise contracts.Undecodable(f"{item.kind} {item.id} carries another record")
    return cast("dict[str, Any]", orjson.loads(body))


def _text(value: Any, type_: str) -> str | None:
    if value is None or isinstance(value, str):
        return orjson.dumps(value).decode() if type_ == "jsonb" and value is not None else value
    if type_.endswith("[]"):
        return "{" + ",".join(map(_element, value)) + "}"
    if isinstance(value, bool | dict | list | tuple):
        return orjson.dumps(value).decode()
    return str(value)


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    return '"' + str(value).replace("\\", r"\\").replace('"', r"\"") + '"'


_OWN_TYPES = {
    "id": "uuid",
    "version": "bigint",
    "digest": "uuid",
    "merged_into": "uuid",
    "archived_at": "timestamptz",
}
_FOLD = sql.SQL("""
with changed as (
    insert into {table} as kept ({columns})
    select {casts} from unnest({arrays}) as given({columns})
    on conflict (id) do update set {updates} where kept.version {older} excluded.version
    returning id
) {marks}
""")
_MARKS = sql.SQL("""
insert into {marks} (id, at) select id, now() from changed order by id
on conflict (id) do update set at = excluded.at
""")
_TYPES = """
select a.attname, format_type(a.atttypid, a.atttypmod) from pg_attribute a
where a.attrelid = to_regclass(%s) and a.attnum > 0 and not a.attisdropped
"""
_DIGESTS = sql.SQL("""
select left(md5(id::text), 2), count(*),
       sum(('x' || left(md5(id || ':' || version || ':' || replace(digest::text, '-', '')), 14))
           ::bit(56)::bigint)::text
from {table} where version > 0 group by 1
""")
_VERSIONS = sql.SQL("""
select id, version, replace(digest::text, '-', '') from {table}
where version > 0 and left(md5(id::text), 2) = %s
""")
