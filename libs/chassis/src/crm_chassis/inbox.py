"""Each fact once per handler: inbox row, effect and outbox rows in one transaction; else parked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session, sessionmaker

import crm_contracts as contracts
from crm_chassis import clock, crashpoints, db, ids, logs, metrics

MOST_HOPS = 16
QUICK_TRIES = 5
RETRY_AFTER = tuple(timedelta(seconds=s) for s in (10, 60, 600, 3600, 21600))
KEPT = timedelta(days=60)
log = logs.get(__name__)


class Outcome(StrEnum):
    """What became of a delivery."""

    DONE = "done"
    REPEAT = "repeat"
    PARKED = "parked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """A reaction: its name (the same over versions of the fact), the fact, what it does."""

    name: str
    service: str
    fact: type[contracts.Fact[Any]]
    react: Callable[[Session, Any, datetime], None]
    bulk: bool = False

    @property
    def producer(self) -> str:
        """The service that tells the fact."""
        return self.fact.type.split(".")[0]

    @property
    def queue(self) -> str:
        """The queue of the fact's version this release reads."""
        return f"{self.service}.on.{self.fact.type}"


class TooManyHops(Exception):
    """Reactions have been reacting to each other for too long."""


def receive(
    sessions: sessionmaker[Session],
    handler: Handler,
    body: bytes,
    *,
    rest: Callable[[float], None],
    unready: Callable[[str | None], None],
) -> Outcome:
    """Handle one delivery to its end: done, a repeat, or parked with its cause.

    Infrastructure faults are waited out in place with `rest`, `unready` told meanwhile; anything
    else gets five quick tries. May raise only what `rest` raises.
    """
    wait, tries = 0.1, 0
    while True:
        try:
            outcome = handle(sessions, handler, body)
        except Exception as error:  # noqa: BLE001 - the delivery must end somewhere
            if db.is_infrastructure(error):
                unready(f"{type(error).__name__}")
                log.warning("reaction waits", extra={"handler": handler.name, "cause": repr(error)})
                wait = min(wait * 2, 5.0)
                rest(wait)
                continue
            tries += 1
            if tries < QUICK_TRIES and not _is_hopeless(error):
                rest(0.02 * 2**tries)
                continue
            outcome = _park_in_time(sessions, handler, body, error, rest=rest)
            crashpoints.reach("park.after_commit")
        unready(None)
        return outcome


def handle(sessions: sessionmaker[Session], handler: Handler, body: bytes) -> Outcome:
    """Try one fact once. Raises what the reaction raises, with nothing written."""
    fact = contracts.decode(body)
    if fact.hops >= MOST_HOPS:
        raise TooManyHops(str(fact.id))
    now = clock.now()
    with db.transaction(sessions, context(handler.service, fact)) as session:
        if not _enter(session, handler, fact.id, Outcome.DONE, now=now):
            metrics.inbox_duplicates.labels(handler.name).inc()
            return Outcome.REPEAT
        crashpoints.reach("reaction.after_inbox", fact.id)
        handler.react(session, fact, now)
        crashpoints.reach("reaction.after_effect")
    crashpoints.reach("reaction.after_commit")
    metrics.reactions_done.labels(handler.name).inc()
    return Outcome.DONE


def context(service: str, fact: contracts.Fact[Any]) -> db.Context:
    """Return the context of what a fact causes."""
    return db.Context(
        actor=f"service:{service}",
        on_behalf_of=fact.on_behalf_of or fact.actor,
        correlation_id=fact.correlation_id,
        causation_id=fact.id,
        traceparent=fact.traceparent,
        hops=fact.hops + 1,
        source="event",
    )


def missing(session: Session, handler: Handler, event_ids: Sequence[UUID]) -> set[UUID]:
    """Return those facts this handler has no inbox row for."""
    statement = "select event_id from inbox where handler = %s and event_id = any(%s)"
    found = db.cursor(session).execute(statement, (handler.name, list(event_ids)))
    return set(event_ids) - {row[0] for row in found}


def retry_due(
    sessions: sessionmaker[Session], handlers: Sequence[Handler], *, now: datetime
) -> int:
    """Try the parked facts whose time has come again; return how many are done now."""
    by_name = {handler.name: handler for handler in handlers}
    with sessions() as session:
        rows = db.cursor(session).execute(_DUE, (list(by_name), now)).fetchall()
    return sum(_retry(sessions, by_name[name], parked_id, now=now) for parked_id, name in rows)


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
    if event_id and not _enter(session, handler, event_id, Outcome.PARKED, now=now):
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


def _retry(
    sessions: sessionmaker[Session], handler: Handler, parked_id: UUID, *, now: datetime
) -> bool:
    try:
        with db.transaction(sessions, db.Context(actor=f"service:{handler.service}")) as session:
            row = db.cursor(session).execute(_TAKE, (parked_id,)).fetchone()
            if row is None:
                return False
            fact = contracts.decode(bytes(row[0]))
            session.info["context"] = context(handler.service, fact)
            handler.react(session, fact, now)
            crashpoints.reach("retry.after_effect")
            db.cursor(session).execute(_SETTLE, (now, parked_id))
            db.cursor(session).execute(_INBOX_DONE, (handler.name, fact.id, now))
    except Exception as error:  # noqa: BLE001 - it stays parked, with its newest cause
        if db.is_infrastructure(error):
            return False
        put_off(sessions, parked_id, error, now=now)
        return False
    crashpoints.reach("retry.after_commit")
    return True


def put_off(
    sessions: sessionmaker[Session], parked_id: UUID, error: BaseException, *, now: datetime
) -> None:
    """Note a failed retry and when the next one is; after the fifth an operator must decide."""
    with sessions() as session, session.begin():
        db.cursor(session).execute(PUT_OFF, put_off_values(error, parked_id, now=now))


def put_off_values(error: BaseException, parked_id: UUID, *, now: datetime) -> tuple[object, ...]:
    """Return the parameters of PUT_OFF."""
    waits = [wait.total_seconds() for wait in RETRY_AFTER]
    return _cause(error), _detail(error), now, waits, parked_id


def _park_in_time(
    sessions: sessionmaker[Session],
    handler: Handler,
    body: bytes,
    error: BaseException,
    *,
    rest: Callable[[float], None],
) -> Outcome:
    while True:
        now = clock.now()
        try:
            with sessions() as session, session.begin():
                return give_up(session, handler, body, error, now=now)
        except Exception as failure:
            if not db.is_infrastructure(failure):
                raise
            rest(1.0)


def _enter(
    session: Session, handler: Handler, event_id: UUID, state: Outcome, *, now: datetime
) -> bool:
    values = (handler.name, event_id, state.value, now)
    return db.cursor(session).execute(_ENTER, values).rowcount == 1


def _is_hopeless(error: BaseException) -> bool:
    return isinstance(error, contracts.ContractError | TooManyHops)


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
_INBOX_DONE = """
insert into inbox (handler, event_id, state, handled_at) values (%s, %s, 'done', %s)
on conflict (handler, event_id) do update set state = 'done', handled_at = excluded.handled_at
"""
_PARK = """
insert into parked (id, consumer, event_id, type, subject, body, cause, detail, attempts,
                    parked_at, next_try_at)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (consumer, event_id) do nothing
"""
_DUE = """
select id, consumer from parked
where state = 'waiting' and consumer = any(%s) and next_try_at <= %s order by parked_at limit 100
"""
_TAKE = "select body from parked where id = %s and state = 'waiting' for update skip locked"
_SETTLE = "update parked set state = 'done', decided_at = %s, next_try_at = null where id = %s"
PUT_OFF = """
update parked set attempts = attempts + 1, cause = %s, detail = %s,
    next_try_at = %s::timestamptz
        + make_interval(secs => (%s::float8[])[attempts - 3])
where id = %s
"""
