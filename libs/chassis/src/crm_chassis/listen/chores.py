"""What every `work` role does besides its reactions."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import amqp
from kombu.connection import Connection
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

import crm_contracts as contracts
from crm_chassis import audit, clock, crashpoints, db, inbox, logs
from crm_chassis.records import PeerAway

RECONCILE_EVERY = timedelta(minutes=1)
_IDEMPOTENCY_KEPT = timedelta(hours=24)
_DEAD_AT_ONCE = 100
log = logs.get(__name__)


class DeadLetter(Exception):
    """The broker gave the message up: its consumers died too often while they held it."""


def keep_house(sessions: sessionmaker[Session], now: datetime) -> None:
    """Make partitions ahead; forget what is past its keeping."""
    with sessions() as session, session.begin():
        session.execute(text("select outbox_partitions(:today)"), {"today": now.date()})
        old = {"inbox": now - inbox.KEPT, "keys": now - _IDEMPOTENCY_KEPT}
        session.execute(
            text("delete from inbox where handled_at < :inbox and state <> 'parked'"), old
        )
        session.execute(text("delete from idempotency where created_at < :keys"), old)
        audit.forget(db.cursor(session), now=now)


def take_dead_letters(
    runtime: Any, handlers: Sequence[inbox.Handler], sessions: sessionmaker[Session]
) -> None:
    """Try once more what the broker gave up on, then park it; copies retry from parked.

    What comes again from here had its one try: it killed the process that made it.
    """
    queue = f"{runtime.service}.dead"
    by_queue = {handler.queue: handler for handler in handlers}
    with Connection(  # type: ignore[no-untyped-call]
        runtime.amqp_url, connect_timeout=5
    ) as connection:
        channel = connection.channel()
        if runtime.dead_letters.is_lost(queue):
            log.warning("unusable queue deleted", extra={"queue": queue})
            channel.queue_delete(queue)
        for _ in range(_DEAD_AT_ONCE):
            message = _taken(runtime, connection, channel, queue)
            if message is None:
                return
            body = message.body.encode() if isinstance(message.body, str) else bytes(message.body)
            has_killed = bool(message.delivery_info["redelivered"])
            _retry_once(sessions, by_queue, _origin(message), body, has_killed=has_killed)
            crashpoints.reach("dead.after_try")
            channel.basic_ack(message.delivery_tag)


def _taken(runtime: Any, connection: Any, channel: Any, queue: str) -> amqp.Message | None:
    """Return a dead letter, if there is one; a queue that somebody deleted is made anew."""
    try:
        message = channel.basic_get(queue)
    except amqp.InternalError:
        runtime.dead_letters.failed(queue)
        raise
    except amqp.NotFound:
        log.warning("dead letters' queue made anew", extra={"queue": queue})
    else:
        runtime.dead_letters.works()
        return message
    channel = connection.channel()
    channel.queue_declare(
        queue, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"}
    )
    channel.queue_bind(queue, "crm.dead", runtime.service)
    return None


def _retry_once(
    sessions: sessionmaker[Session],
    by_queue: dict[str, inbox.Handler],
    origin: str,
    body: bytes,
    *,
    has_killed: bool,
) -> None:
    handler, error = by_queue.get(origin), None
    if handler is not None and not has_killed:
        try:
            inbox.handle(sessions, handler, body)
            return
        except Exception as failure:
            if db.is_infrastructure(failure):
                raise
            error = failure
    now, error = clock.now(), error or DeadLetter(origin)
    with sessions() as session, session.begin():
        if handler is not None:
            inbox.give_up(session, handler, body, error, now=now, retry=not has_killed)
            return
        cursor, attempts = db.cursor(session), inbox.QUICK_TRIES
        inbox.park(cursor, consumer=origin, body=body, error=error, attempts=attempts, now=now)


def _origin(message: amqp.Message) -> str:
    headers = message.headers or {}
    deaths = headers.get("x-death") or [{}]
    return str(headers.get("x-first-death-queue") or deaths[0].get("queue") or "unknown")


def reconcile(
    runtime: Any,
    handlers: Sequence[inbox.Handler],
    sessions: sessionmaker[Session],
    *,
    now: datetime,
) -> None:
    """Handle the facts their producers told and our inbox does not know."""
    if not runtime.reconcile_due and now < runtime.next_reconcile:
        return
    runtime.reconcile_due = False
    runtime.next_reconcile = now + RECONCILE_EVERY
    runtime.rounds += 1
    for handler in handlers:
        try:
            found = reconcile_handler(runtime, handler, sessions, now=now)
        except PeerAway as error:
            runtime.reconcile_due = True
            log.warning("reconcile waits", extra={"handler": handler.name, "cause": str(error)})
            runtime.rest(1.0)
            continue
        runtime.compared[handler.name] = {"rounds": runtime.rounds, "handled": found}
        if found:
            log.info("reconciled", extra={"handler": handler.name, "handled": found})


def reconcile_handler(
    runtime: Any, handler: inbox.Handler, sessions: sessionmaker[Session], *, now: datetime
) -> int:
    """Catch one handler up from where it was compared last; return how many it had missed."""
    with sessions() as session, session.begin():
        key = {"handler": handler.name, "producer": handler.producer, "now": now}
        session.execute(text(_REGISTER), key)
        position, since = session.execute(text(_POSITION), key).one()
    handled, more = 0, True
    while more:
        bodies, position, more = runtime.peers.facts(
            handler.producer,
            [handler.fact.type],
            after=position,
            since=since.isoformat(),
            bulk=handler.bulk,
        )
        crashpoints.reach("reconcile.after_facts")
        handled += _handle_missing(runtime, handler, sessions, bodies)
        crashpoints.reach("reconcile.after_handled")
        with sessions() as session, session.begin():
            session.execute(text(_ADVANCE), key | {"position": position})
        crashpoints.reach("reconcile.after_advance")
    return handled


def _handle_missing(
    runtime: Any, handler: inbox.Handler, sessions: sessionmaker[Session], bodies: Sequence[bytes]
) -> int:
    by_id = {contracts.envelope(body).id: body for body in bodies}
    with sessions() as session:
        unknown = inbox.missing(session, handler, list(by_id))
    outcomes: dict[inbox.Outcome, int] = defaultdict(int)
    for event_id in sorted(unknown):
        outcome = inbox.receive(
            sessions, handler, by_id[event_id], rest=runtime.rest, unready=lambda _: None
        )
        outcomes[outcome] += 1
    return outcomes[inbox.Outcome.DONE] + outcomes[inbox.Outcome.PARKED]


_REGISTER = """
insert into registration (handler, producer, registered_at, position)
values (:handler, :producer, :now, '') on conflict do nothing
"""
_POSITION = """
select position, registered_at from registration where handler = :handler and producer = :producer
"""
_ADVANCE = """
update registration set position = :position where handler = :handler and producer = :producer
"""
