"""Reading the view's tables: what is composed from, and the composed documents."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import psycopg

Connection = psycopg.Connection[Any]


def newest_records(
    connection: Connection, of: Sequence[tuple[UUID, UUID]], kinds: Sequence[str], *, limit: int
) -> list[tuple[Any, ...]]:
    """Return (customer_id, kind, id, version, body, visibility, sort_at), newest first per kind.

    `of`: a customer with an id that its records may name: its own, or one absorbed by it. What
    names several of them comes several times.
    """
    customers, named = zip(*of, strict=True)
    values = (list(customers), list(named), list(kinds), limit)
    return connection.execute(_NEWEST, values).fetchall()


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
    connection: Connection, named: Sequence[UUID], kinds: Sequence[str]
) -> list[tuple[str, str]]:
    """Return (kind, body) of all records of these kinds that name any of the ids, each once."""
    return connection.execute(_COUNTED, (list(kinds), list(named))).fetchall()


def accounts_of_contacts(
    connection: Connection, customers: Sequence[UUID]
) -> list[tuple[Any, ...]]:
    """Return (customer_id, id, version, body or None when shared by too many, visibility)."""
    return connection.execute(_ACCOUNTS, (list(customers),)).fetchall()


def contacts_of_accounts(
    connection: Connection, accounts: Sequence[UUID], *, most: int
) -> list[UUID]:
    """Return the contacts linked to accounts that have at most `most` of them."""
    rows = connection.execute(_CONTACTS_OF, (list(accounts), most)).fetchall()
    return [row[0] for row in rows]


def sums(connection: Connection, customers: Sequence[UUID]) -> list[tuple[Any, ...]]:
    """Return (customer_id, deals by currency as [[currency, open, weighted]], counts, invoices).

    Invoices come by currency as [[currency, open, overdue, how many overdue]].
    """
    return connection.execute(_SUMS, (list(customers),)).fetchall()


def amounts(rows: Iterable[Sequence[Any]] | None, index: int) -> Mapping[str, Decimal]:
    """Return one column of the deals' sums by currency."""
    return {row[0]: Decimal(row[index]) for row in rows or () if row[index] is not None}


def document(
    connection: Connection | psycopg.Cursor[Any], customer_id: UUID
) -> tuple[Any, ...] | None:
    """Return the composed parts of one customer: one primary-key read."""
    return connection.execute(_DOCUMENT, (customer_id,)).fetchone()


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


def timeline(
    connection: Connection, named: Sequence[UUID], *, kinds: Sequence[str], before: str | None,
    limit: int, seen: tuple[bool, UUID | None, Sequence[UUID]],
) -> tuple[list[str], str | None]:  # fmt: skip
    """Return a page of the entries that name any of the ids, newest first, and the next cursor.

    Raises ValueError.
    """
    at, entry_id = cursor_parts(before)
    is_admin, user_id, teams = seen
    values = {
        "customers": list(named), "at": at, "id": entry_id, "kinds": list(kinds) or None,
        "limit": limit + 1, "admin": is_admin, "user": user_id, "teams": list(teams),
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


def titles(
    connection: Connection, ids: Sequence[UUID], *, seen: tuple[bool, UUID | None, Sequence[UUID]]
) -> dict[str, str]:
    """Return the names of those contacts and accounts that may be seen."""
    is_admin, user_id, teams = seen
    values = {"ids": list(ids), "admin": is_admin, "user": user_id, "teams": list(teams)}
    return {str(id_): title for id_, title in connection.execute(_TITLES, values).fetchall()}


def stage_sums(
    connection: Connection, pipeline_id: UUID, *, seen: tuple[bool, UUID | None, Sequence[UUID]]
) -> list[tuple[str, str | None, int, Decimal | None]]:
    """Return (stage_id, currency, deals, their amount) of a pipeline's live deals."""
    is_admin, user_id, teams = seen
    values = {
        "pipeline": str(pipeline_id), "admin": is_admin, "user": user_id, "teams": list(teams),
    }  # fmt: skip
    return connection.execute(_STAGE_SUMS, values).fetchall()


SEEN = """(%(admin)s or r.visibility not in ('team', 'private') or r.owner_id = %(user)s
       or (r.visibility = 'team' and r.team_id = any(%(teams)s::uuid[])))"""
_NEWEST = """
select c.id, k.kind, r.id, r.version, r.body, r.visibility, l.sort_at
from unnest(%s::uuid[], %s::uuid[]) as c(id, named)
cross join unnest(%s::text[]) as k(kind)
cross join lateral (
    select record_id, sort_at from view_link
    where customer_id = c.named and kind = k.kind order by sort_at desc, record_id desc limit %s
) l
join view_record r on r.kind = k.kind and r.id = l.record_id and r.body is not null
order by c.id, k.kind, l.sort_at desc, r.id desc
"""
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
where r.kind = any(%s) and r.body is not null and r.id in (
    select record_id from view_link l where l.customer_id = any(%s) and l.kind = r.kind)
"""
_ACCOUNTS = """
select c.id, a.id, a.version, a.visibility,
       case when (select count(*) from (
           select from view_link s where s.customer_id = a.id and s.kind = 'contact' limit 201
       ) shared) <= 200 then a.body end
from unnest(%s::uuid[]) as c(id)
join view_record p on p.kind = 'contact' and p.id = c.id
cross join lateral unnest(p.customer_ids) as linked(id)
join view_record a on a.kind = 'account' and a.id = linked.id and a.body is not null
order by c.id, a.sort_at desc, a.id desc
"""
_CONTACTS_OF = """
select l.record_id from unnest(%s::uuid[]) as a(id)
cross join lateral (
    select count(*) as links from (
        select from view_link where customer_id = a.id and kind = 'contact' limit 1001
    ) counted
) n
join view_link l on l.customer_id = a.id and l.kind = 'contact' and n.links <= %s
"""
_SUMS = """
select c.id,
  (select json_agg(json_build_array(currency, amount::text, weighted::text)) from (
      select r.body::json #>> '{amount,currency}' as currency,
             sum((r.body::json #>> '{amount,amount}')::numeric) as amount,
             sum((r.body::json #>> '{weighted_amount,amount}')::numeric) as weighted
      from view_link l join view_record r on r.kind = 'deal' and r.id = l.record_id
      where l.customer_id = c.id and l.kind = 'deal' and r.body is not null
        and r.body::json ->> 'status' = 'open' and r.body::json ->> 'archived_at' is null
        and r.body::json #>> '{amount,currency}' is not null
      group by 1 order by 1) deals),
  (select count(*) from view_link l join view_record r on r.kind = 'ticket' and r.id = l.record_id
   where l.customer_id = c.id and l.kind = 'ticket' and r.body is not null
     and r.body::json ->> 'status' not in ('resolved', 'closed', 'spam')
     and r.body::json ->> 'archived_at' is null),
  (select count(*) from view_link l join view_record r on r.kind = 'sla_clock' and r.id = l.record_id
   where l.customer_id = c.id and l.kind = 'sla_clock' and r.body is not null
     and r.body::json ->> 'state' in ('breached', 'warned')
     and r.body::json ->> 'archived_at' is null),
  (select array[count(*) filter (where r.body::json ->> 'sent_at' is not null),
                count(*) filter (where r.body::json ->> 'opened_at' is not null)]
   from view_link l join view_record r on r.kind = 'message' and r.id = l.record_id
   where l.customer_id = c.id and l.kind = 'message' and r.body is not null
     and r.body::json ->> 'archived_at' is null),
  (select json_agg(json_build_array(currency, owed::text, overdue::text, late)) from (
      select r.body::json #>> '{open_amount,currency}' as currency,
             sum((r.body::json #>> '{open_amount,amount}')::numeric) as owed,
             sum((r.body::json #>> '{open_amount,amount}')::numeric)
                 filter (where r.body::json ->> 'status' = 'overdue') as overdue,
             count(*) filter (where r.body::json ->> 'status' = 'overdue') as late
      from view_link l join view_record r on r.kind = 'invoice' and r.id = l.record_id
      where l.customer_id = c.id and l.kind = 'invoice' and r.body is not null
        and r.body::json ->> 'status' in ('open', 'overdue')
        and r.body::json ->> 'archived_at' is null
      group by 1 order by 1) invoices)
from unnest(%s::uuid[]) as c(id)
"""
_DOCUMENT = """
select etag, known, restricted, head, contacts, sales, marketing, support, timeline
from customer_view where customer_id = %s
"""
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
_DUE_CUSTOMERS = "select customer_id from view_stale where at <= %s order by at limit %s"
