"""Accepting a foreign id before its record has arrived."""

from collections.abc import Iterable
from uuid import UUID

from psycopg import sql
from sqlalchemy.orm import Session

from crm_chassis import db

_REFER = sql.SQL("""
with unseen as (
    insert into {table} (id, version)
    select id, 0 from unnest(%(ids)s::uuid[]) as id order by id on conflict do nothing
)
select id, merged_into from {table} where id = any(%(ids)s) order by id for share
""")


def refer(session: Session, table: str, record_id: UUID | None) -> UUID | None:
    """Return the id to store for a foreign record, following a merge; None stays None."""
    return None if record_id is None else refer_all(session, table, [record_id])[record_id]


def refer_all(session: Session, table: str, record_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return the id to store for each; the unseen get a placeholder copy (version 0)."""
    wanted = sorted(set(record_ids))
    if not wanted:
        return {}
    statement = _REFER.format(table=sql.Identifier(table))
    rows = db.cursor(session).execute(statement, {"ids": wanted}).fetchall()
    found = {record_id: merged or record_id for record_id, merged in rows}
    return {record_id: found.get(record_id, record_id) for record_id in wanted}
