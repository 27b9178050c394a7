"""Inviting people: a link by mail, with which they choose a name and a password."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import ids
from crm_chassis.problems import Invalid
from crm_gateway.identity import commands, letters, roles
from crm_gateway.identity.credentials import token_hash
from crm_gateway.identity.letters import Desk
from crm_gateway.model import EmailTaken, Invitation, LinkRefused, User
from crm_gateway.model.invitation import INVITED_FOR
from crm_gateway.queries import identity, invitations
from crm_gateway.queries import roles as teams


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """Let the owner of an address take up a place here; `by` may give all of it themselves."""

    email: str
    roles: list[str]
    by: UUID
    team_id: UUID | None = None
    invitation_id: UUID = field(default_factory=ids.new)


def invite(
    session: Session, command: Invite, desk: Desk, *, now: datetime
) -> tuple[Invitation, str]:
    """Return the invitation with its link, which is mailed. Raises EmailTaken, Invalid.

    An address is invited once; one whose invitation ended is invited anew.
    """
    identity.hold_email(session, command.email)
    if identity.user_by_email(session, command.email):
        raise EmailTaken(errors={"email": ["is taken"]})
    if command.team_id is not None and teams.team(session, command.team_id) is None:
        raise Invalid({"team_id": ["no such team"]})
    _refuse_invited(session, command.email, now=now)
    token, kept = letters.new_token()
    made = Invitation(
        id=command.invitation_id, email=command.email.strip(), roles=sorted(set(command.roles)),
        team_id=command.team_id, token_hash=kept, invited_by=command.by, created_at=now,
        expires_at=now + INVITED_FOR,
    )  # fmt: skip
    session.add(made)
    return made, _sent(session, made, desk, token, now=now)


def renew(
    session: Session, invitation_id: UUID, desk: Desk, *, by: UUID, now: datetime
) -> tuple[Invitation, str]:
    """Send another link, which counts instead. Raises NotFound, InvitationSettled."""
    found = invitations.for_update(session, invitation_id)
    token, kept = letters.new_token()
    found.renew(kept, by=by, at=now)
    return found, _sent(session, found, desk, token, now=now)


def revoke(session: Session, invitation_id: UUID, *, now: datetime) -> Invitation:
    """Let the link be none any more. Raises NotFound, InvitationSettled once it was accepted."""
    found = invitations.for_update(session, invitation_id)
    if found.revoked_at is None:
        found.refuse_if_settled()
        found.revoked_at = now
        letters.withdraw_invitation(session, found)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept:
    """Take up an invitation by its link."""

    token: str = field(repr=False)
    name: str
    password: str = field(repr=False)


def accept(session: Session, command: Accept, *, now: datetime) -> User:
    """Create the user who was invited. Raises LinkRefused, WeakPassword, EmailTaken."""
    found = looked_up(session, command.token, now=now)
    wanted = commands.CreateUser(
        email=found.email, name=command.name, roles=found.roles, team_id=found.team_id,
        password=command.password,
    )  # fmt: skip
    user = commands.create_user(session, wanted, now=now)
    found.accepted_at, found.user_id = now, user.id
    return user


def looked_up(session: Session, token: str, *, now: datetime) -> Invitation:
    """Return the invitation of a link that still counts, locked. Raises LinkRefused."""
    found = invitations.of_token(session, token_hash(token))
    if found is None or found.status_at(now) != "open" or not _still_given(session, found):
        raise LinkRefused
    return found


def _still_given(session: Session, invitation: Invitation) -> bool:
    """Say whether who invited may still give as much."""
    inviter = identity.user(session, invitation.invited_by)
    if inviter is None or not inviter.may_sign_in:
        return False
    held = roles.rights_of(session, inviter.roles)
    if "admin" in inviter.roles:
        return True
    return "manage_users" in held.special and held.covers(
        roles.rights_of(session, invitation.roles)
    )


def _refuse_invited(session: Session, email: str, *, now: datetime) -> None:
    known = invitations.of_email(session, email)
    if known is None:
        return
    if known.status_at(now) == "open":
        raise EmailTaken(errors={"email": ["is invited already"]})
    known.revoked_at = now
    session.flush()


def _sent(
    session: Session, invitation: Invitation, desk: Desk, token: str, *, now: datetime
) -> str:
    link = letters.invitation_link(desk, token)
    if desk.sends:
        inviter = identity.user(session, invitation.invited_by)
        name = inviter.name if inviter else "A colleague"
        letters.send_invitation(session, desk, invitation, link, name, now=now)
    return link
