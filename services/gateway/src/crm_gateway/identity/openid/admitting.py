"""Whom a person of the provider is here: known, recognised, taken up, or refused."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import logs, outbox
from crm_gateway import events
from crm_gateway.identity import commands
from crm_gateway.identity.openid.claims import Stranger
from crm_gateway.model import User
from crm_gateway.queries import identity, openid
from crm_gateway.queries import sign_in as kept
from crm_gateway.settings import OpenId

_NOBODY = "nobody is known here by that sign-in; ask an administrator"
_GONE = "you may not sign in any more; ask an administrator"
_NO_GROUP = "none of your groups is let in; ask an administrator"
log = logs.get(__name__)


def admit(
    session: Session, who: Stranger, rules: OpenId, *, now: datetime
) -> tuple[User | None, str]:
    """Return the user somebody is, their roles as their groups say now; None and why not.

    Who is in no group any more loses the sessions they have. Raises EmailTaken.
    """
    openid.hold(session, who.issuer, who.subject)
    roles, team_id = _standing(session, who, rules)
    user_id = openid.user_of(session, who.issuer, who.subject)
    user = kept.user(session, user_id) if user_id else _introduced(session, who, rules, now=now)
    if user is None:
        return _taken_up(session, who, roles, team_id, now=now)
    user = identity.user_for_update(session, user.id)
    if not user.may_sign_in:
        return None, _GONE
    if rules.groups and not roles:
        kept.end_sessions(session, user.id, but=None, now=now)
        return None, _NO_GROUP
    if rules.groups:
        _follow(session, user, roles, team_id, now=now)
    return user, ""


def _introduced(session: Session, who: Stranger, rules: OpenId, *, now: datetime) -> User | None:
    """Return the person known by a verified e-mail address, where the house takes that for them.

    Also one who is being created now: they are waited for.
    """
    if who.email:
        identity.hold_email(session, who.email)
    user = identity.user_by_email(session, who.email) if who.email and rules.links_email else None
    if user is None or user.account_type != "person":
        return None
    openid.link(session, who.issuer, who.subject, user.id, now=now)
    return user


def _taken_up(
    session: Session, who: Stranger, roles: Sequence[str], team_id: UUID | None, *, now: datetime
) -> tuple[User | None, str]:
    if not roles or who.email is None:
        return None, _NOBODY
    wanted = commands.CreateUser(email=who.email, name=who.name, roles=list(roles), team_id=team_id)
    user = commands.create_user(session, wanted, now=now)
    openid.link(session, who.issuer, who.subject, user.id, now=now)
    return user, ""


def _standing(session: Session, who: Stranger, rules: OpenId) -> tuple[list[str], UUID | None]:
    """Return the roles and the team somebody's groups stand for, the first team that is one."""
    found = [rules.groups[name] for name in sorted(who.groups & rules.groups.keys())]
    wanted = [role for each in found for role in each.get("roles", ())]
    known = openid.roles_named(session, [*wanted, *([rules.creates] if rules.creates else [])])
    if missing := {*wanted} - known.keys():
        log.warning("groups name roles there are not", extra={"roles": sorted(missing)})
    roles = sorted({known[name] for name in wanted if name in known})
    if not roles and rules.creates in known:
        roles = [known[rules.creates]]
    teams = [openid.team_named(session, each["team"]) for each in found if each.get("team")]
    return roles, next((team_id for team_id in teams if team_id), None)


def _follow(
    session: Session, user: User, roles: Sequence[str], team_id: UUID | None, *, now: datetime
) -> None:
    """Give somebody what their groups stand for now; the last administrator stays one."""
    wanted = set(roles)
    is_last = "admin" in user.roles and not identity.other_admins(session, user.id)
    if is_last and "admin" not in wanted:
        log.warning("the last administrator stays one", extra={"user_id": user.id})
        wanted.add("admin")
    changes: dict[str, object] = {"roles": sorted(wanted)}
    if team_id is not None:
        changes["team_id"] = team_id
    if any(getattr(user, name) != value for name, value in changes.items()):
        user.change(changes)
        outbox.add(session, events.user_updated, user, at=now)
