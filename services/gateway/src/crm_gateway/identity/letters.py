"""What people of the house are told by mail about signing in."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from crm_gateway import mails
from crm_gateway.identity.credentials import token_hash
from crm_gateway.mails import Letter
from crm_gateway.model import Invitation, PasswordLink, Sealer, User
from crm_gateway.model.invitation import INVITED_FOR, LINK_LASTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where letters are written: `url` is the house's address, `sends` whether mail leaves it."""

    sealer: Sealer
    url: str
    sends: bool


def new_token() -> tuple[str, bytes]:
    """Return a token for a link, and what is kept of it."""
    token = secrets.token_urlsafe(32)
    return token, token_hash(token)


def invitation_link(desk: Desk, token: str) -> str:
    """Return where an invitation is taken up."""
    return f"{desk.url.rstrip('/')}/invitations/{token}"


def send_invitation(
    session: Session, desk: Desk, invitation: Invitation, link: str, inviter: str, *, now: datetime
) -> None:
    """Mail the link, instead of the one before."""
    mails.withdraw(session, _key(invitation, invitation.sent - 1))
    text, html = mails.paragraphs(
        f"{inviter} invites you to Rapport, the place where your customers are known.",
        f"Choose a name and a password within {INVITED_FOR.days} days. The link works once.",
        link=("Take up the invitation", link),
    )
    letter = Letter(
        key=_key(invitation, invitation.sent), to=invitation.email, text=text, html=html,
        subject=f"{inviter} invites you to Rapport",
    )  # fmt: skip
    mails.put(session, letter, desk.sealer, now=now)


def withdraw_invitation(session: Session, invitation: Invitation) -> None:
    """Do not mail what has not gone out yet."""
    mails.withdraw(session, _key(invitation, invitation.sent))


def send_password_link(
    session: Session, desk: Desk, user: User, link: PasswordLink, token: str, *, now: datetime
) -> None:
    """Mail a link that sets a password."""
    text, html = mails.paragraphs(
        f"Hello {user.name}, somebody asked for a new password for you.",
        "If that was you, choose one within the hour. If not, do nothing: the password stays.",
        link=("Choose a new password", f"{desk.url.rstrip('/')}/password/{token}"),
    )
    letter = Letter(
        key=f"password:{link.id}", to=user.email, text=text, html=html,
        subject="Your new password for Rapport",
    )  # fmt: skip
    mails.put(session, letter, desk.sealer, now=now, lasts=LINK_LASTS)


def send_password_changed(
    session: Session, desk: Desk, user: User, link: PasswordLink, *, now: datetime
) -> None:
    """Mail that the password was changed: whoever did not do it should know."""
    text, html = mails.paragraphs(
        f"Hello {user.name}, your password for Rapport was changed by a link sent to this address.",
        "If that was not you, tell an administrator at once.",
    )
    letter = Letter(
        key=f"password-changed:{link.id}", to=user.email, text=text, html=html,
        subject="Your password for Rapport was changed",
    )  # fmt: skip
    mails.put(session, letter, desk.sealer, now=now)


def _key(invitation: Invitation, number: int) -> str:
    return f"invitation:{invitation.id}:{number}"
