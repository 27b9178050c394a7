"""Every committed change has exactly one fact and the reverse; versions have no gap."""

from collections.abc import Iterable
from typing import Any

import psycopg

Connection = psycopg.Connection[Any]
MOST_TOLD = 5

_UNMATCHED = """
select coalesce(h.kind, o.type), coalesce(h.record_id, o.subject), h.version, o.subject_version
from history h full join outbox o on o.id = h.fact_id
where h.fact_id is null or o.id is null
   or (h.record_id, h.version) <> (o.subject, o.subject_version)
"""
_TWICE = """
select min(type), subject, subject_version, count(*) from outbox
group by subject, subject_version, split_part(type, '.', 2) having count(*) > 1
"""
# A restored service lifts all versions to a number of its own: what it knew no more is that gap.
_GAPS = """
select kind, record_id, before, version from (
    select kind, record_id, version,
        lag(version, 1, 0::bigint) over (partition by kind, record_id order by version) as before
    from history
) as versions
where version <> before + 1 and version not in (select lift from restoration)
"""
_PUBLISHED = """
select coalesce(r.kind, h.kind), coalesce(r.id, h.record_id), r.version, h.version
from (select kind, id, version from record where kind <> 'timeline' and not erased) r
full join (select kind, record_id, max(version) as version from history group by 1, 2) h
  on (h.kind, h.record_id) = (r.kind, r.id)
where r.version is distinct from h.version
"""
_ENTRIES = """
select 'timeline', r.id, r.version, null::bigint from record r
where r.kind = 'timeline' and not exists (select from outbox o where o.id = r.id)
"""
_TABLES = """
select distinct h.kind from history h join information_schema.columns c
  on c.table_name = h.kind and c.column_name = 'public_no' and c.table_schema = 'public'
"""


def check(connection: Connection) -> list[str]:
    """Return what is wrong in one service's database; holds at every moment, also under load."""
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read")
        kinds = [row[0] for row in connection.execute(_TABLES)]
        statements = {
            "change without its fact, or fact without its change": _UNMATCHED,
            "told twice": _TWICE,
            "versions with a gap": _GAPS,
            "published other than told": _PUBLISHED,
            "timeline entry without its fact": _ENTRIES,
        } | {f"{kind} stored other than told": _stored(kind) for kind in kinds}
        return [
            line
            for what, statement in statements.items()
            for line in _told(what, connection.execute(statement).fetchall())
        ]


def _stored(kind: str) -> str:
    return f"""
    select '{kind}', coalesce(t.id, r.id), t.version, r.version
    from "{kind}" t full join (select id, version from record where kind = '{kind}' and not erased) r
      on r.id = t.id where t.version is distinct from r.version
    """


def _told(what: str, rows: Iterable[tuple[Any, ...]]) -> list[str]:
    return [f"{what}: {' '.join(map(str, row))}" for row in rows]
