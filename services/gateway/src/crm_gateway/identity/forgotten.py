"""Forgotten passwords: a link by mail sets a new one. Who asks learns nothing of who is here."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import db, ids, outbox
from crm_gateway import events
from crm_gateway.identity import guessing, letters, passwords
from crm_gateway.identity.credentials import token_hash
from crm_gateway.identity.letters import Desk
from crm_gateway.model import LinkRefused, PasswordLink, User
from crm_gateway.model.invitation import LINK_LASTS, LINKS_AN_HOUR
from crm_gateway.queries import identity, invitations, openid
from crm_gateway.queries import sign_in as kept

_CLOCKWORK = db.Context(actor="service:gateway", source="event")
_KEPT = timedelta(days=30)


def ask(session: Session, email: str, *, now: datetime) -> None:
    """Note that somebody wants a link; who it is, if anybody, is looked up later, elsewhere."""
    invitations.ask_for_password(session, ids.new(), email.strip(), now=now)


def answer_those_who_asked(sessions: sessionmaker[Session], desk: Desk, *, now: datetime) -> None:
    """Mail links to those who asked and are here, three an hour at most to each."""
    with db.transaction(sessions, _CLOCKWORK) as session:
        emails = invitations.asked_for(session)
        for email in emails:
            user = identity.user_by_email(session, email)
            if user is not None and _has_password_here(session, user):
                _send_link(session, desk, user, now=now)
        if emails:
            invitations.forget_links(session, before=now - _KEPT)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPassword:
    """Take a new password by a link."""

    token: str = field(repr=False)
    password: str = field(repr=False)


def set_password(session: Session, command: SetPassword, desk: Desk, *, now: datetime) -> User:
    """Change it, end all sessions and links, announce it. Raises LinkRefused, WeakPassword.

    A second factor goes on counting.
    """
    link = looked_up(session, command.token, now=now)
    user = identity.user_for_update(session, link.user_id)
    if not user.may_sign_in:
        raise LinkRefused
    passwords.refuse_weak(command.password, user.email, user.name)
    hashed = passwords.hashed(command.password)
    user.change({"password_hash": hashed, "must_change_password": False})
    invitations.void_links(session, user.id, now=now)
    kept.end_sessions(session, user.id, but=None, now=now)
    kept.clear_failures(session, guessing.name_of(user.email))
    outbox.add(session, events.user_updated, user, at=now)
    if desk.sends:
        letters.send_password_changed(session, desk, user, link, now=now)
    return user


def looked_up(session: Session, token: str, *, now: datetime) -> PasswordLink:
    """Return a link that still counts, locked. Raises LinkRefused."""
    found = invitations.link_of(session, token_hash(token))
    if found is None or found.used_at is not None or found.expires_at <= now:
        raise LinkRefused
    return found


def _has_password_here(session: Session, user: User) -> bool:
    """Whoever signs in by the provider only is let in, or not, by the provider."""
    if user.account_type != "person" or not user.may_sign_in:
        return False
    return user.password_hash is not None or not openid.is_linked(session, user.id)


def _send_link(session: Session, desk: Desk, user: User, *, now: datetime) -> None:
    if invitations.links_since(session, user.id, since=now - LINK_LASTS) >= LINKS_AN_HOUR:
        return
    token, hashed = letters.new_token()
    link = PasswordLink(
        id=ids.new(), user_id=user.id, token_hash=hashed, created_at=now,
        expires_at=now + LINK_LASTS,
    )  # fmt: skip
    session.add(link)
    letters.send_password_link(session, desk, user, link, token, now=now)
