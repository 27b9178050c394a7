"""Engine, sessions and the one place that commits."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from logging import Logger
from typing import Any, cast
from uuid import UUID

import psycopg
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import ids
from crm_chassis.db.columns import Aggregate
from crm_chassis.db.connecting import connect

# Statements of a request or a reaction end within this; long work pages itself.
_STATEMENT_SECONDS = 15
_OPTIONS = {"lock_timeout": "5s", "idle_in_transaction_session_timeout": "30s"}
_RESTED_SECONDS = 0.2
# SQLSTATE classes and codes that say "the database, not the message": never counted, never parked.
_INFRASTRUCTURE = ("08", "40", "53", "57", "58", "55P03", "25006", "25P03")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where something was asked from: the credential's id (never its secret), address, program."""

    credential: str | None = None
    address: str | None = None
    agent: str | None = None
    request_id: str | None = None


NOWHERE = Origin()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Who acts, from where, and in which chain of causes."""

    actor: str
    on_behalf_of: str | None = None
    correlation_id: UUID = field(default_factory=ids.new)
    causation_id: UUID | None = None
    traceparent: str | None = None
    hops: int = 0
    source: str = "api"
    bulk: bool = False
    restated: bool = False
    origin: Origin = NOWHERE


def engine(url: str, *, pool_size: int = 4, application: str = "crm") -> Engine:
    """Return an engine whose every wait is bounded. `url`: postgresql://…"""
    made = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_size=pool_size,
        max_overflow=2,
        pool_timeout=5,
        creator=partial(_connect, url, application),
    )
    event.listen(made, "checkin", _note_return)
    event.listen(made, "checkout", _ping_after_rest)
    return made


def _note_return(_: object, record: Any) -> None:
    record.info["returned"] = time.monotonic()


def _ping_after_rest(connection: psycopg.Connection[Any], record: Any, _: object) -> None:
    """Replace a connection that died while it rested; a ping before every use is a round trip more."""
    if time.monotonic() - record.info.get("returned", time.monotonic()) < _RESTED_SECONDS:
        return
    try:
        connection.execute("select 1")
        connection.rollback()
    except psycopg.Error as error:
        raise DisconnectionError from error


def _connect(url: str, application: str) -> psycopg.Connection[Any]:
    made = connect(
        url, application=application, statement_seconds=_STATEMENT_SECONDS, options=_OPTIONS
    )
    made.autocommit = False
    return made


def sessions(bound: Engine) -> sessionmaker[Session]:
    """Return a maker of sessions that flush only when told and keep what they loaded."""
    maker = sessionmaker(bound, autoflush=False, expire_on_commit=False)
    event.listen(maker, "before_flush", _refuse_silent_changes)
    return maker


@contextmanager
def transaction(make: Callable[[], Session], context: Context) -> Iterator[Session]:
    """Run one transaction; what was added to the outbox is written just before the commit."""
    with make() as session:
        session.info["context"] = context
        with session.begin():
            yield session
            for hook in session.info.get("before_commit", ()):
                hook(session)


def context_of(session: Session) -> Context:
    """Return the context the transaction was opened with."""
    return cast("Context", session.info["context"])


def say_source(session: Session, source: str) -> None:
    """Have the history of this transaction say that it was done by `source` (like `merge`)."""
    session.info["context"] = replace(context_of(session), source=source)


def tell_beside(session: Session, record_id: UUID, notes: Sequence[Mapping[str, Any]]) -> None:
    """Have the answer to a write of this record carry notes, in place of those it had."""
    session.info.setdefault("beside", {})[record_id] = list(notes)


def told_beside(session: Session, record_id: UUID) -> list[Mapping[str, Any]]:
    """Return the notes that the answer to a write of this record carries."""
    found: list[Mapping[str, Any]] = session.info.get("beside", {}).get(record_id, [])
    return found


def cursor(session: Session) -> psycopg.Cursor[Any]:
    """Return a psycopg cursor inside the session's transaction, for statements over sets."""
    return cast("psycopg.Cursor[Any]", session.connection().connection.cursor())


def try_lock(session: Session, *key: object) -> bool:
    """Take the transaction's advisory lock for `key`, or say that another holds it."""
    statement = text("select pg_try_advisory_xact_lock(hashtextextended(:key, 0))")
    return bool(session.scalar(statement, {"key": "\x1f".join(map(str, key))}))


def is_infrastructure(error: BaseException | None) -> bool:
    """Say whether an error is the database's or the network's rather than the message's."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, PoolTimeout | InterfaceError | ConnectionError | TimeoutError):
            return True
        if isinstance(error, psycopg.Error) and _is_infrastructure_state(error):
            return True
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            return True
        error = error.__cause__
    return False


def report(log: Logger, event: str, error: BaseException, **keys: object) -> None:
    """Log a fault that will be tried again: briefly what is the infrastructure's, else whole."""
    if is_infrastructure(error):
        log.warning(event, extra={"cause": repr(error)[:300], **keys})
    else:
        log.error(event, exc_info=error, extra=keys)


def _is_infrastructure_state(error: psycopg.Error) -> bool:
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return error.sqlstate.startswith(_INFRASTRUCTURE)


def _refuse_silent_changes(session: Session, *_: object) -> None:
    told = session.info.get("outbox", {})
    for aggregate in (*session.new, *session.dirty, *session.deleted):
        if not isinstance(aggregate, Aggregate) or aggregate.id in told:
            continue
        if aggregate not in session.dirty or session.is_modified(aggregate):
            message = f"{type(aggregate).__name__} {aggregate.id} changed without telling a fact"
            raise RuntimeError(message)
