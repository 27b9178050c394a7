"""Signing in: password, one-time code where there is one, and what happens to who guesses."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import audit, db
from crm_gateway.identity import credentials, guessing, passwords, second_factor
from crm_gateway.model import Sealer, SignInRefused, User
from crm_gateway.queries import identity as queries
from crm_gateway.queries import sign_in as kept

_CONTEXT = db.Context(actor="sign-in")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Who says to be whom, and from where."""

    email: str
    password: str = field(repr=False)
    code: str | None = field(default=None, repr=False)
    address: str | None = None
    agent: str | None = None


def sign_in(
    sessions: sessionmaker[Session], wanted: SignIn, sealer: Sealer, *, now: datetime
) -> str:
    """Return a session's token. Raises SignInRefused, CodeNeeded, SignInLocked.

    A name is locked by ten failures in a quarter of an hour, whether anybody has it or not; that
    somebody lacks the code is told only to who knows the password, and does not count.
    """
    name = guessing.name_of(wanted.email)
    try:
        with db.transaction(sessions, _CONTEXT) as session:
            guessing.refuse_locked(session, name, now=now)
            user = _recognised(session, wanted, sealer, now=now)
            kept.clear_failures(session, name)
            return credentials.start(
                session, user.id, address=wanted.address, agent=wanted.agent, now=now
            )
    except SignInRefused:
        guessing.note(sessions, name, now=now)
        with db.transaction(sessions, _CONTEXT) as session:
            _note_refused(session, wanted, now=now)
        raise


def _note_refused(session: Session, wanted: SignIn, *, now: datetime) -> None:
    """Note whose name it was, if it is anybody's: what else was typed is nobody's business."""
    user = queries.user_by_email(session, wanted.email)
    origin = db.Origin(address=wanted.address, agent=wanted.agent)
    audit.note(
        session, "sign_in.failed", now=now, object_id=user.id if user else None, origin=origin
    )


def _recognised(session: Session, wanted: SignIn, sealer: Sealer, *, now: datetime) -> User:
    user = queries.user_by_email(session, wanted.email)
    is_right = passwords.matches(wanted.password, user.password_hash if user else None)
    if user is None or not is_right or not user.may_sign_in:
        raise SignInRefused
    second_factor.check(session, user.id, wanted.code, sealer, now=now)
    return user
