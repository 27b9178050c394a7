"""How a service stands: facts unsent, messages parked, how late others' facts are, what differs."""

from datetime import datetime
from typing import Any

import psycopg

from crm_chassis import clock
from crm_chassis.records.server import connect

Connection = psycopg.Connection[Any]


def status(database_url: str, *, mails: str | None = None) -> dict[str, Any]:
    """Return what waits and how long, who leads, what differed last, and the database's limits.

    `mails` is the statement that counts by state the mails of the last day that went wrong.
    """
    now = clock.now()
    with connect(database_url) as connection:
        depth, oldest = connection.execute(_OUTBOX).fetchone() or (0, None)
        waiting = connection.execute(_PARKED).fetchall()
        marks = dict(connection.execute("select service, at from watermark order by 1").fetchall())
        checked = connection.execute("select what, at, differences from verification order by 1")
        found = {what: {"at": at, "differences": number} for what, at, number in checked}
        return {
            "now": now,
            "outbox_depth": depth,
            "outbox_oldest_at": oldest,
            "outbox_oldest_seconds": _since(oldest, now),
            "parked": [{"consumer": c, "cause": why, "messages": n} for c, why, n in waiting],
            "watermarks": marks,
            "lag_seconds": {service: _since(at, now) for service, at in marks.items()},
            "verified": found,
            "mails": dict(connection.execute(mails.encode()).fetchall()) if mails else {},
            "database": _database(connection, now),
        }


def _database(connection: Connection, now: datetime) -> dict[str, Any]:
    """Return the leading relay's session, connections used and allowed, size, and its clock."""
    leader = connection.execute(_LEADER).fetchone()
    (limits,) = connection.execute(_LIMITS).fetchall()
    used, role_limit, server_limit, size, oldest, at = limits
    names = ("pid", "application", "since", "state_since")
    return {
        "leader": dict(zip(names, leader, strict=True)) if leader else None,
        "connections": used,
        "connection_limit": role_limit if role_limit >= 0 else server_limit,
        "bytes": size,
        "oldest_transaction_seconds": _since(oldest, now),
        "clock_skew_seconds": (at - now).total_seconds(),
    }


def _since(at: datetime | None, now: datetime) -> float:
    return max((now - at).total_seconds(), 0.0) if at else 0.0


_OUTBOX = "select count(*), min(created_at) from outbox where sent_at is null"
_PARKED = """
select consumer, cause, count(*) from parked where state = 'waiting' group by 1, 2 order by 1, 2
"""
_LEADER = """
select a.pid, a.application_name, a.backend_start, a.state_change
from pg_locks l join pg_stat_activity a using (pid)
where l.locktype = 'advisory' and l.granted and l.objsubid = 1
  and l.database = (select oid from pg_database where datname = current_database())
  and (l.classid::bigint << 32) | l.objid::bigint = hashtextextended('relay', 0)
"""
_LIMITS = """
select (select count(*) from pg_stat_activity where usename = current_user),
       (select rolconnlimit from pg_roles where rolname = current_user),
       current_setting('max_connections')::int,
       pg_database_size(current_database()),
       (select min(xact_start) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()),
       clock_timestamp()
"""
