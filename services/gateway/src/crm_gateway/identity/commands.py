"""What identity can be asked."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import audit, ids, outbox
from crm_chassis.problems import Invalid
from crm_gateway import events
from crm_gateway.identity import passwords
from crm_gateway.model import CompanySettings, EmailTaken, LastAdmin, NoPerson, User
from crm_gateway.queries import identity as queries
from crm_gateway.queries import invitations
from crm_gateway.queries import sign_in as kept


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateUser:
    """Let somebody sign in; without a password only once one is set."""

    email: str
    name: str
    roles: list[str]
    password: str | None = field(default=None, repr=False)
    team_id: UUID | None = None
    is_given: bool = False  # the password came with the deployment: its owner has to change it
    user_id: UUID = field(default_factory=ids.new)


def create_user(session: Session, command: CreateUser, *, now: datetime) -> User:
    """Create and announce a user; of several at once one does. Raises EmailTaken."""
    queries.hold_email(session, command.email)
    if queries.user_by_email(session, command.email):
        raise EmailTaken(errors={"email": ["is taken"]})
    if command.password and not command.is_given:
        passwords.refuse_weak(command.password, command.email, command.name)
    user = User(
        id=command.user_id,
        email=command.email.strip(),
        name=command.name,
        roles=sorted(set(command.roles)),
        team_id=command.team_id,
        password_hash=passwords.hashed(command.password) if command.password else None,
        must_change_password=command.is_given,
    )
    outbox.add(session, events.user_created, user, at=now)
    return user


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeUser:
    """Change name, roles, team_id, active, password, and whose a service account is."""

    user_id: UUID
    expected_version: int | None
    changes: dict[str, Any] = field(repr=False)


def change_user(session: Session, command: ChangeUser, *, now: datetime) -> User:
    """Change and announce a user. Raises NotFound, StaleVersion, LastAdmin, NoPerson, Invalid."""
    user = queries.user_for_update(session, command.user_id)
    user.expect(command.expected_version)
    _refuse_of_other_type(session, user, command.changes)
    changes = dict(command.changes)
    password = changes.pop("password", None)
    if password:
        passwords.refuse_weak(password, user.email, user.name)
        changes["password_hash"] = passwords.hashed(password)
        kept.end_sessions(session, user.id, but=None, now=now)
        audit.note(session, "password.changed", now=now, object_id=user.id)
        invitations.void_links(session, user.id, now=now)
    user.change(changes)
    _keep_an_admin(session, user)
    outbox.add(session, events.user_updated, user, at=now)
    return user


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveUser:
    """Let somebody sign in no more."""

    user_id: UUID
    expected_version: int | None


def archive_user(session: Session, command: ArchiveUser, *, now: datetime) -> User:
    """Archive and announce a user. Raises NotFound, StaleVersion, LastAdmin."""
    user = queries.user_for_update(session, command.user_id)
    if user.archived_at is not None:
        return user
    user.expect(command.expected_version)
    user.archive(at=now)
    _keep_an_admin(session, user)
    outbox.add(session, events.user_archived, user, at=now)
    return user


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSettings:
    """Set the company's currency, time zone, start of the fiscal year."""

    changes: dict[str, str]


def change_settings(session: Session, command: ChangeSettings, *, now: datetime) -> CompanySettings:
    """Change and announce the company's settings, made with defaults when there are none."""
    found = queries.company_settings(session)
    if found is None:
        found = CompanySettings(base_currency="EUR", time_zone="UTC", fiscal_year_start="01-01")
    for name, value in command.changes.items():
        setattr(found, name, value)
    outbox.add(session, events.settings_updated, found, at=now)
    return found


def ensure_first_admin(
    session: Session, *, email: str, password: str, now: datetime
) -> User | None:
    """Create the administrator of the settings unless somebody signs in with that address."""
    if queries.user_by_email(session, email):
        return None
    change_settings(session, ChangeSettings(changes={}), now=now)
    wanted = CreateUser(
        email=email, name="Administrator", roles=["admin"], password=password, is_given=True
    )
    return create_user(session, wanted, now=now)


def _refuse_of_other_type(session: Session, user: User, changes: dict[str, Any]) -> None:
    """A program has no password, a person no owner; who owns a program is a person."""
    if user.account_type != "person" and "password" in changes:
        raise NoPerson(user.id)
    if "owner_id" in changes:
        owner = queries.user(session, changes["owner_id"])
        if user.account_type == "person":
            raise Invalid({"owner_id": ["people have none"]})
        if owner is None or owner.account_type != "person" or not owner.may_sign_in:
            raise Invalid({"owner_id": ["no such person"]})


def _keep_an_admin(session: Session, user: User) -> None:
    stays = user.may_sign_in and "admin" in user.roles
    if not stays and not queries.other_admins(session, user.id):
        raise LastAdmin
