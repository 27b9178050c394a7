"""/internal/records, /internal/facts, /internal/digest: what others fill and check copies from."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

import orjson
import psycopg
from werkzeug.wrappers import Request, Response

from crm_chassis import clock, db
from crm_chassis.metrics import Route, answer

LARGEST_PAGE = 1000


def connect(database_url: str) -> AbstractContextManager[psycopg.Connection[Any]]:
    """Return a connection for one internal request."""
    return db.connect(database_url, application="internal", statement_seconds=30)


def routes(database_url: str) -> dict[str, Route]:
    """Return the internal routes of one service, for its ops port."""

    def route(function: Any) -> Route:
        def run(request: Request) -> Response:
            with connect(database_url) as connection:
                return function(connection, request.args)  # type: ignore[no-any-return]

        return run

    return {
        "/internal/records": route(_records),
        "/internal/numbers": route(_numbers),
        "/internal/facts": route(_facts),
        "/internal/digest": route(_digest),
        "/internal/versions": route(_versions),
    }


def _records(connection: psycopg.Connection[Any], args: Mapping[str, str]) -> Response:
    """`kind=`, and one of `after=` (paging by id), `ids=`, `customer_id=` (newest first)."""
    limit = min(int(args.get("limit", LARGEST_PAGE)), LARGEST_PAGE)
    if args.get("customer_id"):
        kinds = args["kind"].split(",")
        values: tuple[Any, ...] = (
            kinds,
            [UUID(each) for each in args["customer_id"].split(",")],
            limit,
        )
        rows = connection.execute(_OF_CUSTOMER, values).fetchall()
    elif args.get("ids"):
        wanted = [UUID(each) for each in args["ids"].split(",")]
        rows = connection.execute(_BY_IDS, (args["kind"], wanted)).fetchall()
    else:
        after = UUID(args["after"]) if args.get("after") else UUID(int=0)
        rows = connection.execute(_AFTER, (args["kind"], after, limit)).fetchall()
    items = [
        {"kind": kind, "id": id_, "version": version, "body": orjson.Fragment(body or "null")}
        for kind, id_, version, body in rows
    ]
    next_ = str(rows[-1][1]) if len(rows) == limit else None
    return answer({"items": items, "next": next_, "as_of": clock.now()})


def _numbers(connection: psycopg.Connection[Any], args: Mapping[str, str]) -> Response:
    """`customer_ids=`: how many live records of each kind are of any of these."""
    wanted = [UUID(each) for each in args["customer_ids"].split(",")]
    rows = connection.execute(_NUMBERS, (wanted,)).fetchall()
    return answer({"numbers": dict(rows)})


def _facts(connection: psycopg.Connection[Any], args: Mapping[str, str]) -> Response:
    """`types=`, `after=<cursor>` or `since=<time>`: facts in commit order, none skipped."""
    limit = min(int(args.get("limit", LARGEST_PAGE)), LARGEST_PAGE)
    since = args.get("since") or "1970-01-01T00:00:00Z"
    bulk = args.get("bulk") == "true"
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read")
        fence, lift = connection.execute(_FENCE).fetchone() or ("0", 0)
        xid, seq = _position(args.get("after", ""), lift)
        values = (args["types"].split(","), xid, xid, seq, since, bulk, limit)
        rows = connection.execute(_FACTS, values).fetchall()
    last = rows[-1] if len(rows) == limit else None
    position = f"{last[0]}.{last[1]}.{lift}" if last else f"{fence}.0.{lift}"
    items = [orjson.Fragment(body) for _, _, body in rows]
    return answer({"items": items, "next": position, "more": last is not None})


def _position(cursor: str, lift: int) -> tuple[int, int]:
    """Return where to read on; a cursor from before a restoration counts another clock: start anew."""
    xid, seq, its_lift = (int(part) for part in f"{cursor or 0}.0.0".split(".")[:3])
    return (xid, seq) if its_lift == lift else (0, 0)


def _digest(connection: psycopg.Connection[Any], args: Mapping[str, str]) -> Response:
    rows = connection.execute(_DIGEST, (args["kind"],)).fetchall()
    return answer({"buckets": {bucket: [count, digest] for bucket, count, digest in rows}})


def _versions(connection: psycopg.Connection[Any], args: Mapping[str, str]) -> Response:
    rows = connection.execute(_VERSIONS, (args["kind"], args["bucket"])).fetchall()
    return answer({"versions": {str(id_): [version, digest] for id_, version, digest in rows}})


_AFTER = (
    "select kind, id, version, body from record where kind = %s and id > %s order by id limit %s"
)
_BY_IDS = "select kind, id, version, body from record where kind = %s and id = any(%s) order by id"
_OF_CUSTOMER = """
select kind, id, version, body from record
where kind = any(%s) and customer_ids && %s order by updated_at desc, id desc limit %s
"""
_NUMBERS = """
select kind, count(*) from record
where customer_ids && %s and kind <> 'timeline' and body is not null and archived_at is null
group by kind order by kind
"""
_FENCE = """
select pg_snapshot_xmin(pg_current_snapshot())::text, coalesce(max(lift), 0) from restoration
"""
_FACTS = """
select outbox.xid::text as at, seq, body from outbox
where type = any(%s) and xid >= %s::text::xid8 and (xid, seq) > (%s::text::xid8, %s)
  and created_at >= %s::timestamptz and (%s or not bulk) and xid < pg_snapshot_xmin(pg_current_snapshot())
order by outbox.xid, seq limit %s
"""
_DIGEST = """
select left(md5(id::text), 2), count(*),
       sum(('x' || left(md5(id || ':' || version || ':' || md5(coalesce(body, ''))), 14))
           ::bit(56)::bigint)::text
from record where kind = %s group by 1
"""
_VERSIONS = """
select id, version, md5(coalesce(body, '')) from record
where kind = %s and left(md5(id::text), 2) = %s
"""
