"""Reading all fields and rules, once for each time somebody changed one."""

import threading
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, make_transient

from crm_chassis import db
from crm_contacts.model.field import Field
from crm_contacts.model.rule import NamingRule, ValidationRule
from crm_contacts.model.rulebook import Rulebook, compiled

_EMPTY = Rulebook()
_LOCK = threading.Lock()
_KEPT: dict[UUID, Rulebook] = {}
_MOST_KEPT = 8


def rulebook(session: Session, *, is_held: bool = False) -> Rulebook:
    """Return what counts now. With `is_held` nobody changes it before the transaction ends."""
    if is_held:
        db.cursor(session).execute(_HOLD)
    return _of(session, stamp(session))


def stamp(session: Session) -> UUID | None:
    """Return what changes whenever a field or rule does; None: there never was one."""
    row = db.cursor(session).execute("select stamp from rulebook").fetchone()
    return row[0] if row else None


def _of(session: Session, wanted: UUID | None) -> Rulebook:
    if wanted is None:
        return _EMPTY
    with _LOCK:
        kept = _KEPT.get(wanted)
    if kept is not None:
        return kept
    read = _read(session)
    with _LOCK:
        if len(_KEPT) >= _MOST_KEPT:
            _KEPT.pop(next(iter(_KEPT)))
        _KEPT[wanted] = read
    return read


def _read(session: Session) -> Rulebook:
    """Read in a session of its own: what is kept must not change with anybody's work.

    Whoever changes a field reads it as it is in their transaction.
    """
    with Session(session.connection(), autoflush=False) as apart:
        fields = apart.scalars(select(Field).order_by(Field.position, Field.public_no)).all()
        rules = apart.scalars(
            select(ValidationRule)
            .where(ValidationRule.archived_at.is_(None))
            .order_by(ValidationRule.public_no)
        ).all()
        namings = apart.scalars(
            select(NamingRule)
            .where(NamingRule.archived_at.is_(None))
            .order_by(NamingRule.position, NamingRule.public_no)
        ).all()
        for each in (*fields, *rules, *namings):
            apart.expunge(each)
            make_transient(each)
    return compiled(fields, rules, namings)


_HOLD = "select pg_advisory_xact_lock_shared(hashtextextended('rulebook', 0))"
