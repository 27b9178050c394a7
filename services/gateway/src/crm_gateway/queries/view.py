"""Reading the view's tables: what is composed from, and the composed documents."""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import psycopg

from crm_chassis import rights

Connection = psycopg.Connection[Any]
Seen = Mapping[str, Any]  # what somebody sees: the values of `crm_chassis.rights.seen_of_all`


def newest_records(
    connection: Connection, of: Sequence[tuple[UUID, UUID]], kinds: Sequence[str], *, limit: int,
    seen: Seen | None = None,
) -> list[tuple[Any, ...]]:  # fmt: skip
    """Return (customer_id, kind, id, version, body, visibility, sort_at), newest first per kind.

    `of`: a customer with an id that its records may name: its own, or one absorbed by it. What
    names several of them comes several times. `seen`: only what somebody sees.
    """
    customers, named = zip(*of, strict=True)
    values = {
        "customers": list(customers), "named": list(named), "kinds": list(kinds), "limit": limit,
    }  # fmt: skip
    if seen is None:
        return connection.execute(_NEWEST, values).fetchall()
    return connection.execute(_NEWEST_SEEN, {**values, **seen}).fetchall()


def absorbed(connection: Connection, customers: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Return what was merged into these customers, and the visitors that they are."""
    found: dict[UUID, list[UUID]] = {}
    for survivor, id_ in connection.execute(_ABSORBED, (list(customers),)):
        found.setdefault(survivor, []).append(id_)
    return found


def survivors(connection: Connection, customers: Sequence[UUID]) -> set[UUID]:
    """Return the customers that any of these were merged into."""
    return {id_ for (id_,) in connection.execute(_SURVIVORS, (list(customers),))}


def counted_bodies(
    connection: Connection, named: Sequence[UUID], kinds: Sequence[str],
    *, seen: Seen | None = None,
) -> list[tuple[str, str]]:  # fmt: skip
    """Return (kind, body) of all records of these kinds that name any of the ids, each once."""
    statement = _COUNTED if seen is None else _COUNTED_SEEN
    values = {"kinds": list(kinds), "named": list(named), **(seen or {})}
    return connection.execute(statement, values).fetchall()


def accounts_of_contacts(
    connection: Connection, customers: Sequence[UUID], *, seen: Seen | None = None
) -> list[tuple[Any, ...]]:
    """Return (customer_id, id, version, visibility, body or None when shared by too many)."""
    statement = _ACCOUNTS if seen is None else _ACCOUNTS_SEEN
    return connection.execute(statement, {"customers": list(customers), **(seen or {})}).fetchall()


def contacts_of_accounts(
    connection: Connection, accounts: Sequence[UUID], *, most: int
) -> list[UUID]:
    """Return the contacts linked to accounts that have at most `most` of them."""
    rows = connection.execute(_CONTACTS_OF, (list(accounts), most)).fetchall()
    return [row[0] for row in rows]


def document(
    connection: Connection | psycopg.Cursor[Any], customer_id: UUID
) -> tuple[Any, ...] | None:
    """Return the composed parts of one customer: one primary-key read."""
    return connection.execute(_DOCUMENT, (customer_id,)).fetchone()


def document_tags(connection: Connection, customers: Sequence[UUID]) -> list[str]:
    """Return what changes with each change of what is known of these customers."""
    return [tag for (tag,) in connection.execute(_TAGS, (list(customers),))]


def people_of(connection: Connection, team_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Return who is in any of these teams."""
    rows = connection.execute(_PEOPLE, (list(team_ids),))
    return frozenset(id_ for (id_,) in rows)


def due_customers(connection: Connection, now: datetime, *, limit: int) -> list[UUID]:
    """Return customers that were put off until now."""
    return [id_ for (id_,) in connection.execute(_DUE_CUSTOMERS, (now, limit))]


def watermarks(connection: Connection) -> dict[str, datetime]:
    """Return until when each service's facts have arrived."""
    return dict(connection.execute("select service, at from watermark").fetchall())


def record_version(connection: Connection, kind: str, record_id: UUID) -> int:
    """Return the version the view has of a record, 0 without one."""
    row = connection.execute(_VERSION, (kind, record_id)).fetchone()
    return int(row[0]) if row else 0


def record_service(connection: Connection, kind: str) -> str | None:
    """Return which service publishes a kind."""
    row = connection.execute("select service from view_record where kind = %s limit 1", (kind,))
    found = row.fetchone()
    return found[0] if found else None


def live_number(connection: Connection, kind: str) -> int:
    """Return how many records of a kind there are that are not put away."""
    row = connection.execute(_LIVE_NUMBER, (kind,)).fetchone()
    return int(row[0]) if row else 0


def timeline(
    connection: Connection, named: Sequence[UUID], *, kinds: Sequence[str], before: str | None,
    limit: int, seen: Seen,
) -> tuple[list[str], str | None]:  # fmt: skip
    """Return a page of the entries that name any of the ids, newest first, and the next cursor.

    Raises ValueError.
    """
    at, entry_id = cursor_parts(before)
    values = {
        "customers": list(named), "at": at, "id": entry_id, "kinds": list(kinds) or None,
        "limit": limit + 1, **seen,
    }  # fmt: skip
    rows = connection.execute(_TIMELINE, values).fetchall()
    last = rows[limit - 1] if len(rows) > limit else None
    return [row[0] for row in rows[:limit]], cursor(last[1], last[2]) if last else None


def cursor(at: datetime, record_id: UUID) -> str:
    """Return the cursor behind an entry."""
    packed = orjson.dumps([at.isoformat(), str(record_id)])
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def cursor_parts(given: str | None) -> tuple[datetime | None, UUID | None]:
    """Return what a cursor says. Raises ValueError."""
    if not given:
        return None, None
    at, record_id = orjson.loads(base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)))
    moment = datetime.fromisoformat(at)
    if moment.tzinfo is None:
        raise ValueError(at)
    return moment, UUID(str(record_id))


def titles(connection: Connection, ids: Sequence[UUID], *, seen: Seen) -> dict[str, str]:
    """Return the names of those contacts and accounts that may be seen."""
    values = {"ids": list(ids), **seen}
    return {str(id_): title for id_, title in connection.execute(_TITLES, values).fetchall()}


def stage_sums(
    connection: Connection, pipeline_id: UUID, *, seen: Seen
) -> list[tuple[str, str | None, int, Decimal | None]]:
    """Return (stage_id, currency, deals, their amount) of a pipeline's live deals."""
    values = {"pipeline": str(pipeline_id), **seen}
    return connection.execute(_STAGE_SUMS, values).fetchall()


SEEN = rights.seen_by_kind("view_record")
_NEWEST = """
select c.id, k.kind, r.id, r.version, r.body, r.visibility, l.sort_at
from unnest(%(customers)s::uuid[], %(named)s::uuid[]) as c(id, named)
cross join unnest(%(kinds)s::text[]) as k(kind)
cross join lateral (
    select record_id, sort_at from view_link
    where customer_id = c.named and kind = k.kind
    order by sort_at desc, record_id desc limit %(limit)s
) l
join view_record r on r.kind = k.kind and r.id = l.record_id and r.body is not null
order by c.id, k.kind, l.sort_at desc, r.id desc
"""
_NEWEST_SEEN = """
select c.id, k.kind, r.id, r.version, r.body, r.visibility, r.linked_at
from unnest(%(customers)s::uuid[], %(named)s::uuid[]) as c(id, named)
cross join unnest(%(kinds)s::text[]) as k(kind)
cross join lateral (
    select r.id, r.version, r.body, r.visibility, l.sort_at as linked_at
    from view_link l join view_record r on r.kind = l.kind and r.id = l.record_id
    where l.customer_id = c.named and l.kind = k.kind and r.body is not null and @seen
    order by l.sort_at desc, l.record_id desc limit %(limit)s
) r
order by c.id, k.kind, r.linked_at desc, r.id desc
""".replace("@seen", SEEN)
_ABSORBED = """
select merged_into, id from view_record
where kind in ('contact', 'account', 'identity') and merged_into = any(%s) order by id
"""
_SURVIVORS = """
select merged_into from view_record
where kind in ('contact', 'account', 'identity') and id = any(%s)
  and merged_into is not null
"""
_COUNTED = """
select r.kind, r.body from view_record r
where r.kind = any(%(kinds)s) and r.body is not null and r.id in (
    select record_id from view_link l where l.customer_id = any(%(named)s) and l.kind = r.kind)
"""
_COUNTED_SEEN = f"{_COUNTED.rstrip()} and {SEEN}"
_ACCOUNTS = """
select c.id, a.id, a.version, a.visibility,
       case when (select count(*) from (
           select from view_link s where s.customer_id = a.id and s.kind = 'contact' limit 201
       ) shared) <= 200 then a.body end
from unnest(%(customers)s::uuid[]) as c(id)
join view_record p on p.kind = 'contact' and p.id = c.id
cross join lateral unnest(p.customer_ids) as linked(id)
join view_record a on a.kind = 'account' and a.id = linked.id and a.body is not null and @seen
order by c.id, a.sort_at desc, a.id desc
"""
_ACCOUNTS_SEEN = _ACCOUNTS.replace("@seen", rights.seen_by_kind("view_record", "a"))
_ACCOUNTS = _ACCOUNTS.replace(" and @seen", "")
_CONTACTS_OF = """
select l.record_id from unnest(%s::uuid[]) as a(id)
cross join lateral (
    select count(*) as links from (
        select from view_link where customer_id = a.id and kind = 'contact' limit 1001
    ) counted
) n
join view_link l on l.customer_id = a.id and l.kind = 'contact' and n.links <= %s
"""
_DOCUMENT = """
select etag, known, restricted, head, contacts, sales, marketing, support, timeline
from customer_view where customer_id = %s
"""
_TAGS = "select etag from customer_view where customer_id = any(%s) order by customer_id"
_VERSION = "select version from view_record where kind = %s and id = %s"
_TIMELINE = """
select distinct on (l.sort_at, l.record_id) r.body, l.sort_at, r.id from view_link l
join view_record r on r.kind = 'timeline' and r.id = l.record_id and r.body is not null
where l.customer_id = any(%(customers)s) and l.kind = 'timeline'
  and (%(at)s::timestamptz is null or (l.sort_at, l.record_id) < (%(at)s, %(id)s::uuid))
  and (%(kinds)s::text[] is null or r.body::json ->> 'entry_kind' = any(%(kinds)s))
  and @seen
order by l.sort_at desc, l.record_id desc limit %(limit)s
""".replace("@seen", SEEN)
_TITLES = """
select r.id, r.title from view_record r
where r.kind in ('contact', 'account') and r.id = any(%(ids)s::uuid[]) and r.title is not null
  and @seen
""".replace("@seen", SEEN)
_STAGE_SUMS = """
select d ->> 'stage_id', d #>> '{amount,currency}', count(*), sum((d #>> '{amount,amount}')::numeric)
from view_record r cross join lateral (select r.body::json) as deal(d)
where r.kind = 'deal' and r.body is not null and d ->> 'pipeline_id' = %(pipeline)s
  and d ->> 'archived_at' is null and @seen
group by 1, 2 order by 1, 3 desc
""".replace("@seen", SEEN)
_PEOPLE = "select id from user_copy where team_id = any(%s::uuid[])"
_LIVE_NUMBER = "select count(*) from view_record where kind = %s and search_text is not null"
_DUE_CUSTOMERS = "select customer_id from view_stale where at <= %s order by at limit %s"
