"""Invitations, and links that set a password."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from crm_chassis.problems import NotFound
from crm_gateway.model import Invitation, PasswordLink

MOST_SHOWN = 200
_AT_ONCE = 100


def newest(session: Session, *, is_open: bool = False) -> Sequence[Invitation]:
    """Return up to 200 invitations, the newest first; only those nobody settled if `is_open`."""
    statement = select(Invitation).order_by(Invitation.id.desc()).limit(MOST_SHOWN)
    if is_open:
        statement = statement.where(*_OPEN)
    return session.scalars(statement).all()


def for_update(session: Session, invitation_id: UUID) -> Invitation:
    """Return the locked invitation. Raises NotFound."""
    found = session.scalar(
        select(Invitation).where(Invitation.id == invitation_id).with_for_update()
    )
    if found is None:
        raise NotFound(f"invitation {invitation_id}")
    return found


def invitation(session: Session, invitation_id: UUID) -> Invitation:
    """Return an invitation, to look at. Raises NotFound."""
    found = session.get(Invitation, invitation_id)
    if found is None:
        raise NotFound(f"invitation {invitation_id}")
    return found


def of_email(session: Session, email: str) -> Invitation | None:
    """Return the open invitation of an address, locked; two cannot invite it at the same time."""
    session.execute(text(_HOLD), {"email": email.strip().lower()})
    return session.scalar(
        select(Invitation)
        .where(func.lower(Invitation.email) == email.strip().lower(), *_OPEN)
        .with_for_update()
    )


def of_token(session: Session, token_hash: bytes) -> Invitation | None:
    """Return the invitation of a link, locked."""
    return session.scalar(
        select(Invitation).where(Invitation.token_hash == token_hash).with_for_update()
    )


def ask_for_password(session: Session, request_id: UUID, email: str, *, now: datetime) -> None:
    """Note that somebody asked for a link, whether there is such a person or not."""
    session.execute(text(_ASK), {"id": request_id, "email": email, "now": now})


def asked_for(session: Session) -> list[str]:
    """Take the addresses that asked for a link, some at a time."""
    rows = session.execute(text(_TAKE), {"most": _AT_ONCE})
    return [row.email for row in rows]


def links_since(session: Session, user_id: UUID, *, since: datetime) -> int:
    """Count the links somebody was sent."""
    statement = select(func.count()).where(
        PasswordLink.user_id == user_id, PasswordLink.created_at > since
    )
    return session.scalar(statement) or 0


def link_of(session: Session, token_hash: bytes) -> PasswordLink | None:
    """Return a link that sets a password, locked."""
    return session.scalar(
        select(PasswordLink).where(PasswordLink.token_hash == token_hash).with_for_update()
    )


def void_links(session: Session, user_id: UUID, *, now: datetime) -> None:
    """Let no link of somebody's set a password any more."""
    statement = update(PasswordLink).where(
        PasswordLink.user_id == user_id, PasswordLink.used_at.is_(None)
    )
    session.execute(statement.values(used_at=now))


def forget_links(session: Session, *, before: datetime) -> None:
    """Forget links that ended long ago."""
    session.execute(delete(PasswordLink).where(PasswordLink.expires_at < before))


_OPEN = (Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
_HOLD = "select pg_advisory_xact_lock(hashtextextended(:email, 2))"
_ASK = "insert into password_request (id, email, asked_at) values (:id, :email, :now)"
_TAKE = """
delete from password_request where id in (
    select id from password_request order by id limit :most for update skip locked
) returning email
"""
