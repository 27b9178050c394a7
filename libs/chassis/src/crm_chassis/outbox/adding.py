"""Naming what a change tells while the command runs, and having it written at the latest at commit."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

import crm_contracts as contracts
from crm_chassis import db
from crm_chassis.outbox.telling import Announcement, Beside, tell

_GENERIC_VERBS = frozenset({"updated"})
Factory = Callable[[Any], Announcement]
_SHARED = (
    "id", "public_no", "version", "created_at", "updated_at", "created_by", "updated_by", "archived_at",
    "owner_id", "team_id", "visibility",
)  # fmt: skip


def record_fields(aggregate: db.Aggregate) -> dict[str, Any]:
    """Return the fields every published record has, for `events.py`."""
    return {name: getattr(aggregate, name) for name in _SHARED}


@dataclass(slots=True)
class _Pending:
    aggregate: db.Aggregate
    factories: list[Factory]
    at: datetime


def add(session: Session, factory: Factory, aggregate: db.Aggregate, *, at: datetime) -> None:
    """Tell `factory`'s fact of `aggregate` when the transaction commits.

    The first call in a transaction raises the version; further calls keep one version and one
    fact, the most specific: the one of the creation, else the last that is not `updated`.
    """
    pending = _pending(session)
    if aggregate.id in pending:
        pending[aggregate.id].factories.append(factory)
        return
    pending[aggregate.id] = _Pending(aggregate, [factory], at)
    actor = db.context_of(session).actor
    aggregate.version += 1
    if aggregate.version == 1:
        aggregate.created_at = aggregate.created_at or at
        aggregate.created_by = actor
    aggregate.updated_at, aggregate.updated_by = at, actor
    session.add(aggregate)


def touched(session: Session) -> dict[UUID, Any]:
    """Return what has been added so far, so that a savepoint can put it back (`restore`)."""
    return {k: replace(each, factories=[*each.factories]) for k, each in _pending(session).items()}


def is_made(session: Session, aggregate: db.Aggregate) -> bool:
    """Say whether this transaction made the aggregate, before it is settled."""
    return aggregate.version == 1 and aggregate.id in _pending(session)


def restore(session: Session, before: dict[UUID, Any]) -> None:
    """Forget what was added since `touched`."""
    pending = _pending(session)
    pending.clear()
    pending.update(before)


def _pending(session: Session) -> dict[UUID, _Pending]:
    if "outbox" not in session.info:
        session.info["outbox"] = {}
        session.info.setdefault("before_commit", []).insert(0, settle)
    return session.info["outbox"]  # type: ignore[no-any-return]


def settle(
    session: Session, *, beside: Callable[[contracts.Record], Beside | None] | None = None
) -> bool | None:
    """Flush, and write all that was added so far; at the latest this happens at commit.

    `beside` may name what is written by the same statement, given the record where only one is
    told. Returns whether that wrote a row, None where it was not asked or named nothing.
    """
    pending = _pending(session)
    roots = [each.aggregate for each in pending.values()]
    if len(roots) != 1 or not db.insert_new(session, db.cursor(session), roots[0]):
        session.flush()
    told = [(_most_specific(each), each.at) for each in pending.values()]
    pending.clear()
    session.info.setdefault("told", {}).update({said.record.id: said.record for said, _ in told})
    if len(told) == 1 and beside and (more := beside(told[0][0].record)):
        return tell(session, told, beside=more)
    if told:
        tell(session, told)
    return None


def published(session: Session, aggregate: db.Aggregate) -> bytes:
    """Return the record of `aggregate` as it was last told; call `settle` first."""
    record = session.info.get("told", {}).get(aggregate.id)
    if record is not None:
        return contracts.record_body(record)
    statement = "select body from record where kind = %s and id = %s"
    row = db.cursor(session).execute(statement, (kind_of(aggregate), aggregate.id)).fetchone()
    return str(row[0]).encode() if row else b"{}"


def is_new(session: Session, aggregate: db.Aggregate) -> bool:
    """Say whether this transaction made the aggregate; call `settle` first."""
    record = session.info.get("told", {}).get(aggregate.id)
    return record is not None and record.version == 1


def kind_of(aggregate: db.Aggregate) -> str:
    """Return the record kind of an aggregate: the name of its table."""
    return str(type(aggregate).__table__.name)  # type: ignore[attr-defined]


def _most_specific(pending: _Pending) -> Announcement:
    said = [factory(pending.aggregate) for factory in pending.factories]
    if pending.aggregate.version == 1:
        return said[0]
    return next((each for each in reversed(said) if each.verb not in _GENERIC_VERBS), said[-1])
