"""Keeping what could not be handled, with its cause: nothing leaves unseen."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from crm_chassis import crashpoints, db, ids, logs, metrics
from crm_chassis.inbox.handler import Handler, Outcome

QUICK_TRIES = 5
RETRY_AFTER = tuple(timedelta(seconds=s) for s in (10, 60, 600, 3600, 21600))
log = logs.get(__name__)


def give_up(
    session: Session,
    handler: Handler,
    body: bytes,
    error: BaseException,
    *,
    now: datetime,
    retry: bool = True,
) -> Outcome:
    """Park a delivery, and note it in the inbox so that nothing but a retry tries it again."""
    event_id, _, _ = _header(body)
    if event_id and not enter(session, handler, event_id, Outcome.PARKED, now=now):
        return Outcome.REPEAT
    cursor = db.cursor(session)
    park(
        cursor, consumer=handler.name, body=body, error=error, attempts=QUICK_TRIES, now=now,
        retry=retry,
    )  # fmt: skip
    return Outcome.PARKED


def park(
    cursor: Any,
    *,
    consumer: str,
    body: bytes,
    error: BaseException,
    attempts: int,
    now: datetime,
    retry: bool = True,
) -> None:
    """Keep a message with its cause; parking the same fact for the same consumer twice keeps one.

    Without `retry` only an operator has it tried again.
    """
    event_id, type_, subject = _header(body)
    due = now + RETRY_AFTER[0] if retry else None
    row = (ids.new(), consumer, event_id, type_, subject, body, _cause(error), _detail(error))
    crashpoints.reach("park.before")
    cursor.execute(_PARK, (*row, attempts, now, due))
    crashpoints.reach("park.after")
    metrics.parked_total.labels(consumer).inc()
    log.error("message parked", extra={"consumer": consumer, "type": type_, "cause": _cause(error)})


def put_off_values(error: BaseException, parked_id: UUID, *, now: datetime) -> tuple[object, ...]:
    """Return the parameters of PUT_OFF."""
    waits = [wait.total_seconds() for wait in RETRY_AFTER]
    return _cause(error), _detail(error), now, waits, parked_id


def enter(
    session: Session, handler: Handler, event_id: UUID, state: Outcome, *, now: datetime
) -> bool:
    """Note the fact in the handler's inbox; False when it is there already."""
    values = (handler.name, event_id, state.value, now)
    return db.cursor(session).execute(_ENTER, values).rowcount == 1


def _cause(error: BaseException) -> str:
    return getattr(error, "slug", None) or type(error).__name__


def _detail(error: BaseException) -> str:
    return _text(str(error)[:2000])


def _text(text: str) -> str:
    """Return what PostgreSQL takes as text: a message's own words may hold NUL."""
    return text.replace("\x00", "\ufffd")


def _header(body: bytes) -> tuple[UUID | None, str | None, UUID | None]:
    try:
        event = orjson.loads(body)
        return UUID(event["id"]), _text(str(event["type"])), UUID(event["subject"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None, None, None


_ENTER = """
insert into inbox (handler, event_id, state, handled_at) values (%s, %s, %s, %s)
on conflict do nothing
"""
_PARK = """
insert into parked (id, consumer, event_id, type, subject, body, cause, detail, attempts,
                    parked_at, next_try_at)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (consumer, event_id) do nothing
"""
PUT_OFF = """
update parked set attempts = attempts + 1, cause = %s, detail = %s,
    next_try_at = %s::timestamptz
        + make_interval(secs => (%s::float8[])[attempts - 3])
where id = %s
"""
