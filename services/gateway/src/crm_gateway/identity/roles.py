"""What roles can be asked, and how somebody's roles and team become what they may do."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import ids, outbox
from crm_chassis.auth import Principal
from crm_chassis.rights import SYSTEM, Grants, together
from crm_gateway import events
from crm_gateway.model import Role, RoleInUse, User
from crm_gateway.queries import roles as queries

_NAMES = {"admin": "Administrator", "member": "Member", "read-only": "Read only"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRole:
    """Make a role with these fields."""

    fields: Mapping[str, Any]
    role_id: UUID = field(default_factory=ids.new)


def create_role(session: Session, command: CreateRole, *, now: datetime) -> Role:
    """Create and announce a role. A name used twice (RoleNameTaken) is refused by the database."""
    role = Role(id=command.role_id, **command.fields)
    outbox.add(session, events.role_created, role, at=now)
    return role


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRole:
    """Change name, grants, fields or special rights; what is named replaces what was."""

    role_id: UUID
    expected_version: int | None
    changes: Mapping[str, Any]


def change_role(session: Session, command: ChangeRole, *, now: datetime) -> Role:
    """Change and announce a role. Raises NotFound, StaleVersion, SystemRole."""
    role = queries.for_update(session, command.role_id)
    role.expect(command.expected_version)
    role.change(command.changes)
    if session.is_modified(role):
        outbox.add(session, events.role_updated, role, at=now)
    return role


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveRole:
    """Put a role away, or bring it back."""

    role_id: UUID
    expected_version: int | None


def archive_role(session: Session, command: ArchiveRole, *, now: datetime) -> Role:
    """Archive once and announce it. Raises NotFound, StaleVersion, SystemRole, RoleInUse."""
    role = queries.for_update(session, command.role_id)
    if role.archived_at is not None:
        return role
    role.expect(command.expected_version)
    role.refuse_if_of_system()
    if holders := queries.holders(session, role.id):
        raise RoleInUse(detail=f"{holders} users hold this role; give them another first")
    role.archive(at=now)
    outbox.add(session, events.role_archived, role, at=now)
    return role


def restore_role(session: Session, command: ArchiveRole, *, now: datetime) -> Role:
    """Restore once and announce it. Raises NotFound, StaleVersion, RoleNameTaken."""
    role = queries.for_update(session, command.role_id)
    if role.archived_at is not None:
        role.expect(command.expected_version)
        role.restore()
        outbox.add(session, events.role_restored, role, at=now)
    return role


def ensure_system_roles(session: Session, *, now: datetime) -> None:
    """Keep the system's roles as data, each granting what this release says."""
    known = queries.of_system(session)
    for key, grants in SYSTEM.items():
        wanted = {name: _plain(value) for name, value in grants.kept().items()}
        role = known.get(key)
        if role is None:
            role = Role(id=ids.derived("role", key), name=_NAMES[key], key=key, **wanted)
            outbox.add(session, events.role_created, role, at=now)
        elif wanted != {name: getattr(role, name) for name in wanted}:
            role.grants, role.fields, role.special = (wanted[n] for n in wanted)
            outbox.add(session, events.role_updated, role, at=now)


def standing_of(session: Session, who: Principal, user: User) -> Principal:
    """Return `who` with the teams below their own, and what roles other than the system's grant.

    A credential that only reads has been given the role `read-only`, which would show more than
    roles with ranges do: there it stands for reading what these let one read.
    """
    teams = queries.teams_below(session, user.team_id)
    own = [each for each in user.roles if each not in SYSTEM]
    if not own:
        return replace(who, team_ids=teams)
    roles = queries.in_force(session, own)
    is_cut = "read-only" in who.roles and "read-only" not in user.roles
    has_system = any(each in SYSTEM for each in user.roles)
    system = frozenset(who.roles & SYSTEM.keys()) if has_system else frozenset[str]()
    grants = together([*(SYSTEM[each] for each in system), *(role.rights for role in roles)])
    return replace(
        who,
        team_ids=teams,
        roles=system | {str(role.id) for role in roles},
        role_versions=tuple(sorted((str(role.id), role.version) for role in roles)),
        reads_only=is_cut,
        grants=grants,
    )


def rights_of(session: Session, names: list[str]) -> Grants:
    """Return what roles named in a user's list grant together."""
    system = [SYSTEM[each] for each in names if each in SYSTEM]
    own = [each for each in names if each not in SYSTEM]
    return together([*system, *(role.rights for role in queries.in_force(session, own))])


def _plain(value: Any) -> Any:
    """Return ranges as plain text, as the database gives them back."""
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    return value if isinstance(value, list) else str(value)
