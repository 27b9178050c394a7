"""After a service's database came back from a backup: raise all versions and tell every record again.

Others hold what this service said after the backup was made, in versions it does not remember. So
every record gets a version above all that were ever told, and goes out once more, in bulk.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import stamina
from psycopg import sql
from sqlalchemy.orm import Session, sessionmaker

import crm_contracts as contracts
from crm_chassis import clock, db, outbox
from crm_chassis.operations import audit
from crm_chassis.operations.jobs import Progress

AT_ONCE = 500
# The lift is the milliseconds since then. No record changes a thousand times a second, so whatever
# was told since an earlier restoration, even of the same backup, stays below the next lift.
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def restore_bump(
    database_url: str,
    service: str,
    *,
    actor: str,
    progress: Progress,
    first: Callable[[sessionmaker[Session]], None] = lambda _: None,
) -> dict[str, int]:
    """Lift every version to one number and announce each record; a run cut short is resumed.

    `first` is what only the service knows it must do: doubt what went out after the backup.
    Returns the lift and how many records were announced. Erased records keep their version: nothing
    was told of them after that. Timeline entries never change.
    """
    engine = db.engine(database_url, pool_size=1, application=f"{service}.restore")
    try:
        sessions = db.sessions(engine)
        lift = _unfinished(sessions)
        if lift is None:
            first(sessions)
        lift, total = _begin(sessions, actor, lift)
        progress.expect(total)
        done = _announce_all(sessions, service, lift=lift, actor=actor, progress=progress)
        _finish(sessions, lift, actor, records=done)
    finally:
        engine.dispose()
    return {"lift": lift, "records": done}


def bump_again(
    database_url: str, service: str, *, actor: str, progress: Progress
) -> dict[str, int]:
    """Lift what was made since the last restoration to its number, and announce that too.

    Reactions handled again make records under the ids they had before: others hold lost versions
    of those, as new as theirs or newer. Returns the lift (0: never restored) and how many records.
    """
    engine = db.engine(database_url, pool_size=1, application=f"{service}.restore")
    try:
        sessions = db.sessions(engine)
        with sessions() as session:
            cursor = db.cursor(session)
            (lift,) = cursor.execute(
                "select coalesce(max(lift), 0) from restoration"
            ).fetchone() or (0,)
            left = cursor.execute(_LEFT, (lift,)).fetchone() or (0,)
        progress.expect(left[0])
        done = _announce_all(sessions, service, lift=lift, actor=actor, progress=progress)
    finally:
        engine.dispose()
    return {"lift": lift, "records": done}


def _announce_all(
    sessions: sessionmaker[Session], service: str, *, lift: int, actor: str, progress: Progress
) -> int:
    done = 0
    for kind in _kinds(service):
        for some in _behind(sessions, kind, lift):
            done += _announce(sessions, service, kind, some, lift=lift, actor=actor)
            progress.reach(kind, done)
    return done


def _unfinished(sessions: sessionmaker[Session]) -> int | None:
    with sessions() as session:
        row = db.cursor(session).execute(_UNFINISHED).fetchone()
    return int(row[0]) if row else None


def _begin(sessions: sessionmaker[Session], actor: str, lift: int | None) -> tuple[int, int]:
    """Note the restoration, unless it is one to resume; return its lift and what is left to do.

    Rows of the outbox that seem to be written by transactions yet to come are from a cluster that
    had counted further than this one: nobody could read them by cursor.
    """
    now = clock.now()
    with sessions() as session, session.begin():
        cursor = db.cursor(session)
        cursor.execute(_READABLE)
        is_new = lift is None
        last = cursor.execute("select coalesce(max(lift), 0) from restoration").fetchone() or (0,)
        passed = int((now - _EPOCH).total_seconds() * 1000)
        lift = lift or max(passed, last[0] + 1)
        left = cursor.execute(_LEFT, (lift,)).fetchone() or (0,)
        if is_new:
            cursor.execute(_BEGIN, (lift, actor, now, left[0]))
        return int(lift), int(left[0])


def _finish(sessions: sessionmaker[Session], lift: int, actor: str, *, records: int) -> None:
    now = clock.now()
    with sessions() as session, session.begin():
        cursor = db.cursor(session)
        cursor.execute("update restoration set finished_at = %s where lift = %s", (now, lift))
        audit.note(
            cursor, actor=actor, action="restore-bump", subject=str(lift), now=now, records=records
        )


def _kinds(service: str) -> list[str]:
    return sorted(k for owner, k in contracts.RECORDS if owner == service and k != "timeline")


def _behind(sessions: sessionmaker[Session], kind: str, lift: int) -> Iterator[list[UUID]]:
    """Yield the ids of records below the lift, in pages."""
    after = UUID(int=0)
    while True:
        with sessions() as session:
            values = (kind, after, lift, AT_ONCE)
            page = [row[0] for row in db.cursor(session).execute(_BEHIND, values)]
        if not page:
            return
        yield page
        after = page[-1]


@stamina.retry(on=db.is_infrastructure, attempts=20, timeout=120)
def _announce(
    sessions: sessionmaker[Session],
    service: str,
    kind: str,
    ids: list[UUID],
    *,
    lift: int,
    actor: str,
) -> int:
    """Lift and tell one page; like a command it locks the aggregates before it writes records."""
    context = db.Context(actor=actor, source="restore", bulk=True, restated=True)
    with db.transaction(sessions, context) as session:
        cursor = db.cursor(session)
        cursor.execute(_LIFT.format(sql.Identifier(kind)), (ids, lift, lift))
        rows = cursor.execute(_RECORDS, (kind, ids, lift)).fetchall()
        told = [_again(service, kind, body, lift) for (body,) in rows]
        if told:
            outbox.tell(session, told)
    return len(told)


def _again(service: str, kind: str, body: str, lift: int) -> tuple[outbox.Announcement, datetime]:
    """Return the record as it is, with its version lifted; it is as old as its last change."""
    record: Any = contracts.record_from(service, kind, body)
    facts = contracts.facts_of(type(record))
    fact = next((each for each in facts if ".updated." in each.type), facts[0])
    return outbox.Announcement(fact, replace(record, version=lift)), record.updated_at


_READABLE = """
update outbox set xid = pg_current_xact_id() where xid > pg_current_xact_id()
"""
_UNFINISHED = "select lift from restoration where finished_at is null order by lift desc limit 1"
_LEFT = """
select count(*) from record where kind <> 'timeline' and body is not null and version < %s
"""
_BEGIN = "insert into restoration (lift, actor, began_at, records) values (%s, %s, %s, %s)"
_BEHIND = """
select id from record
where kind = %s and id > %s and version < %s and body is not null order by id limit %s
"""
_LIFT = sql.SQL("""
with locked as (select id from {0} where id = any(%s) order by id for update)
update {0} as kept set version = %s from locked where kept.id = locked.id and kept.version < %s
""")
_RECORDS = """
select body from record where kind = %s and id = any(%s) and version < %s and body is not null
order by id
"""
