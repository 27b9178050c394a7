"""One delivery to its end: done, a repeat, or parked."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

import crm_contracts as contracts
from crm_chassis import clock, crashpoints, db, logs, metrics, tracing
from crm_chassis.inbox.handler import Handler, Outcome, context
from crm_chassis.inbox.parking import QUICK_TRIES, enter, give_up

MOST_HOPS = 16
KEPT = timedelta(days=60)
# A fault that looks like the database's for so long, while the database answers, is the message's.
PATIENCE = timedelta(minutes=5)
log = logs.get(__name__)


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
    wait, tries, since = 0.1, 0, clock.now()
    while True:
        try:
            outcome = handle(sessions, handler, body)
        except Exception as error:  # noqa: BLE001 - the delivery must end somewhere
            if db.is_infrastructure(error) and not is_the_messages(since, _probe(sessions)):
                unready(f"{type(error).__name__} since {since:%H:%M:%S}")
                log.warning("reaction waits", extra={"handler": handler.name, "cause": repr(error)})
                wait = min(wait * 2, 5.0)
                rest(wait)
                continue
            tries += 1
            if tries < QUICK_TRIES and not _is_hopeless(error) and not db.is_infrastructure(error):
                rest(0.02 * 2**tries)
                continue
            outcome = _park_in_time(sessions, handler, body, error, rest=rest)
            crashpoints.reach("park.after_commit")
        unready(None)
        return outcome


def is_the_messages(since: datetime, answers: Callable[[], bool]) -> bool:
    """Say whether a fault of the infrastructure has to be taken for the message's own.

    A statement that always runs into its time-out would else hold its queue's first place for ever.
    """
    return clock.now() - since >= PATIENCE and answers()


def handle(sessions: sessionmaker[Session], handler: Handler, body: bytes) -> Outcome:
    """Try one fact once. Raises what the reaction raises, with nothing written."""
    fact = contracts.decode(body)
    if fact.hops >= MOST_HOPS:
        raise TooManyHops(str(fact.id))
    with (
        metrics.process_seconds.labels(metrics.SYSTEM, handler.queue).time(),
        tracing.reacting(handler.queue, fact),
    ):
        return _handle_once(sessions, handler, fact)


def _handle_once(
    sessions: sessionmaker[Session], handler: Handler, fact: contracts.Fact[Any]
) -> Outcome:
    now = clock.now()
    with db.transaction(sessions, context(handler.service, fact)) as session:
        is_new = enter(session, handler, fact.id, Outcome.DONE, now=now)
        if not is_new or fact.restated:
            metrics.inbox_duplicates.labels(handler.name).inc()
            return Outcome.REPEAT
        crashpoints.reach("reaction.after_inbox", fact.id)
        handler.react(session, fact, now)
        crashpoints.reach("reaction.after_effect")
    crashpoints.reach("reaction.after_commit")
    if not fact.restated:
        late = (clock.now() - fact.time).total_seconds()
        metrics.critical_time.labels(handler.name, fact.type).observe(max(late, 0.0))
    metrics.consumed.labels(metrics.SYSTEM, handler.queue).inc()
    return Outcome.DONE


def missing(session: Session, handler: Handler, event_ids: Sequence[UUID]) -> set[UUID]:
    """Return those facts this handler has no inbox row for."""
    statement = "select event_id from inbox where handler = %s and event_id = any(%s)"
    found = db.cursor(session).execute(statement, (handler.name, list(event_ids)))
    return set(event_ids) - {row[0] for row in found}


def _probe(sessions: sessionmaker[Session]) -> Callable[[], bool]:
    def answers() -> bool:
        try:
            with sessions() as session:
                db.cursor(session).execute("select from inbox limit 1")
        except Exception as error:  # noqa: BLE001 - what is away does not answer
            log.warning("probe failed", extra={"cause": repr(error)})
            return False
        return True

    return answers


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


def _is_hopeless(error: BaseException) -> bool:
    return isinstance(error, contracts.ContractError | TooManyHops)
