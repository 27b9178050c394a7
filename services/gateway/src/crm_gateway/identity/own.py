"""What people change of their own: password, second factor, sessions."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import audit, outbox
from crm_chassis.problems import NotFound
from crm_gateway import events
from crm_gateway.identity import credentials, passwords
from crm_gateway.model import SignInRefused, User
from crm_gateway.queries import identity as queries
from crm_gateway.queries import invitations
from crm_gateway.queries import sign_in as kept


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePassword:
    """Take a new password; sessions end but the one of `token`."""

    user_id: UUID
    current: str = field(repr=False)
    new: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


def change_password(session: Session, command: ChangePassword, *, now: datetime) -> User:
    """Change and announce it. Raises SignInRefused, WeakPassword."""
    user = queries.user_for_update(session, command.user_id)
    if not passwords.matches(command.current, user.password_hash):
        raise SignInRefused(detail="the current password is wrong")
    passwords.refuse_weak(command.new, user.email, user.name, command.current)
    user.change({"password_hash": passwords.hashed(command.new), "must_change_password": False})
    keep = credentials.token_hash(command.token) if command.token else None
    kept.end_sessions(session, user.id, but=keep, now=now)
    invitations.void_links(session, user.id, now=now)
    outbox.add(session, events.user_updated, user, at=now)
    audit.note(session, "password.changed", now=now, object_id=user.id)
    return user


def refuse_wrong(session: Session, user_id: UUID, password: str) -> User:
    """Return the user whose password this is. Raises SignInRefused."""
    user = kept.user(session, user_id)
    if user is None or not passwords.matches(password, user.password_hash):
        raise SignInRefused(detail="the password is wrong")
    return user


def end_session(session: Session, session_id: UUID, user_id: UUID, *, now: datetime) -> None:
    """End one of somebody's sessions. Raises NotFound."""
    found = queries.credential(session, session_id)
    if found.kind != "session" or found.user_id != user_id:
        raise NotFound(f"session {session_id}")
    found.revoked_at = now
    credentials.note_end(session, found, now=now)
