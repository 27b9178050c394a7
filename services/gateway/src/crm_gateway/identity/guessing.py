"""Guessing is counted by a name, whether anybody has it or not: ten failures lock it for a while."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import db
from crm_gateway.model import SignInLocked, SignInRefused
from crm_gateway.queries import sign_in as kept

LOCKED_AFTER, LOCKED_FOR = 10, timedelta(minutes=15)
_CONTEXT = db.Context(actor="sign-in")


def name_of(email: str) -> bytes:
    """Return what failures under an e-mail address are counted by."""
    return _hashed(email.strip().casefold())


def refuse_locked(session: Session, name: bytes, *, now: datetime) -> None:
    """Raise SignInLocked for a name that was guessed at too often."""
    if kept.failures(session, name, since=now - LOCKED_FOR) >= LOCKED_AFTER:
        raise SignInLocked


def note(sessions: sessionmaker[Session], name: bytes, *, now: datetime) -> None:
    """Count a failure, in a transaction of its own."""
    with db.transaction(sessions, _CONTEXT) as session:
        kept.note_failure(session, name, now=now, forget=now - LOCKED_FOR)


@contextmanager
def counted(sessions: sessionmaker[Session], user_id: UUID, *, now: datetime) -> Iterator[None]:
    """Count wrong passwords given inside by who is signed in. Raises SignInLocked.

    Apart from those at signing in: who stole a session locks nobody out, and is stopped all the
    same. A right one does not clear them, so that its owner's do not help a thief.
    """
    name = _hashed(f"own {user_id}")
    with sessions() as session:
        refuse_locked(session, name, now=now)
    try:
        yield
    except SignInRefused:
        note(sessions, name, now=now)
        raise


def _hashed(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()
