"""What comparing the view with its sources reads."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

CUSTOMERS_AT_ONCE = 500
Connection = psycopg.Connection[Any]


def digests(connection: Connection, service: str, kind: str) -> list[tuple[Any, ...]]:
    """Return (bucket, count, hash) of the records kept of a kind."""
    return connection.execute(_DIGESTS, (service, kind)).fetchall()


def versions(
    connection: Connection, service: str, kind: str, bucket: str
) -> dict[UUID, tuple[int, str]]:
    """Return version and body digest of each record of a bucket."""
    rows = connection.execute(_VERSIONS, (service, kind, bucket)).fetchall()
    return {id_: (version, digest) for id_, version, digest in rows}


def sizes(connection: Connection, accounts: Sequence[UUID]) -> list[tuple[Any, ...]]:
    """Return (account, number of linked contacts, 2000 at most)."""
    return connection.execute(_SIZES, (list(accounts),)).fetchall()


def pages_of_customers(connection: Connection) -> Iterator[list[UUID]]:
    """Yield every customer anything is linked to, in pages."""
    after = UUID(int=0)
    while rows := connection.execute(_CUSTOMERS, (after, CUSTOMERS_AT_ONCE)).fetchall():
        yield [row[0] for row in rows]
        after = rows[-1][0]


def put_off(connection: Connection, customers: Sequence[UUID], since: datetime) -> list[UUID]:
    """Return those of the customers that wait to be composed, and not for longer than that."""
    rows = connection.execute(_PUT_OFF, (list(customers), since)).fetchall()
    return [id_ for (id_,) in rows]


def etags(connection: Connection, customers: Sequence[UUID]) -> dict[UUID, str]:
    """Return the entity tags of stored documents, empty where the parts are not what was tagged."""
    return dict(connection.execute(_ETAGS, (list(customers),)).fetchall())


_DIGESTS = """
select left(md5(id::text), 2), count(*),
       sum(('x' || left(md5(id || ':' || version || ':' || replace(digest::text, '-', '')), 14))
           ::bit(56)::bigint)::text
from view_record where service = %s and kind = %s group by 1
"""
_VERSIONS = """
select id, version, replace(digest::text, '-', '') from view_record
where service = %s and kind = %s and left(md5(id::text), 2) = %s
"""
_SIZES = """
select a.id, (select count(*) from (
    select from view_link where customer_id = a.id and kind = 'contact' limit 2000
) links)
from unnest(%s::uuid[]) as a(id)
"""
_CUSTOMERS = """
select distinct customer_id from view_link where customer_id > %s order by 1 limit %s
"""
_PUT_OFF = "select customer_id from view_stale where customer_id = any(%s) and at > %s"
_ETAGS = r"""
select customer_id, case when etag = left(encode(sha256(
    convert_to(head, 'UTF8') || '\x00' || convert_to(contacts, 'UTF8') || '\x00' ||
    convert_to(sales, 'UTF8') || '\x00' || convert_to(marketing, 'UTF8') || '\x00' ||
    convert_to(support, 'UTF8') || '\x00' || convert_to(timeline, 'UTF8')), 'hex'), 32)
  then etag else '' end
from customer_view where customer_id = any(%s)
"""
