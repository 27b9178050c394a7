"""Roles, and the teams below teams."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select, text
from sqlalchemy.orm import Session

from crm_chassis import db
from crm_chassis.problems import NotFound
from crm_gateway.model import Role, Team

SORTS = {"name": Role.name, "created_at": Role.created_at}


def roles(*, archived: bool) -> Select[Any]:
    """Return the statement of roles that are in force, or of those put away."""
    shelved = Role.archived_at.is_not(None) if archived else Role.archived_at.is_(None)
    return select(Role.id).where(shelved)


def for_update(session: Session, role_id: UUID) -> Role:
    """Return the locked role. Raises NotFound."""
    found = db.for_update(session, Role, role_id)
    if found is None:
        raise NotFound(f"role {role_id}")
    return found


def in_force(session: Session, names: Iterable[str]) -> Sequence[Role]:
    """Return those roles of a user's list that are kept as data and in force, system roles too."""
    wanted = sorted(set(names))
    known = [UUID(each) for each in wanted if _is_id(each)]
    statement = select(Role).where(
        Role.archived_at.is_(None), or_(Role.key.in_(wanted), Role.id.in_(known))
    )
    return session.scalars(statement.order_by(Role.id)).all()


def assignable(session: Session) -> Sequence[Role]:
    """Return up to 200 roles in force, system roles first, by name."""
    statement = select(Role).where(Role.archived_at.is_(None))
    return session.scalars(statement.order_by(Role.key, Role.name).limit(200)).all()


def of_system(session: Session) -> dict[str | None, Role]:
    """Return the system roles by key; whoever asks next waits until this transaction ends."""
    session.execute(text("select pg_advisory_xact_lock(hashtextextended('system roles', 0))"))
    return {role.key: role for role in session.scalars(select(Role).where(Role.key.is_not(None)))}


def holders(session: Session, role_id: UUID) -> int:
    """Count the users who hold a role and may sign in."""
    row = db.cursor(session).execute(_HOLDERS, (str(role_id),)).fetchone()
    return int(row[0]) if row else 0


def teams_below(session: Session, team_id: UUID | None) -> tuple[UUID, ...]:
    """Return a team and all below it, the team first."""
    if team_id is None:
        return ()
    rows = db.cursor(session).execute(_BELOW, (team_id,)).fetchall()
    return (team_id, *sorted(row[0] for row in rows if row[0] != team_id))


def hold_teams(session: Session) -> None:
    """Let nobody else move a team: two such moves could close a ring."""
    session.execute(text("select pg_advisory_xact_lock(hashtextextended('teams', 0))"))


def team(session: Session, team_id: UUID) -> Team | None:
    """Return a team, to look at."""
    return session.get(Team, team_id)


def _is_id(text_: str) -> bool:
    try:
        UUID(text_)
    except ValueError:
        return False
    return True


_HOLDERS = """
select count(*) from "user" where %s = any(roles) and active and archived_at is null
"""
# `union` and not `union all`: ends even where a ring was made by hand.
_BELOW = """
with recursive below as (
    select %s::uuid as id
    union
    select t.id from team t join below b on t.parent_id = b.id where t.archived_at is null
) select id from below
"""
