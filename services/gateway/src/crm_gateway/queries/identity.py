"""Users, teams, credentials."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, any_, func, literal, select, text
from sqlalchemy.orm import Session

from crm_chassis.problems import NotFound
from crm_gateway.model import CompanySettings, Credential, Team, User

PAGE = 100


def user_for_update(session: Session, user_id: UUID) -> User:
    """Return the locked user. Raises NotFound."""
    found = session.scalar(select(User).where(User.id == user_id).with_for_update())
    if found is None:
        raise NotFound(f"user {user_id}")
    return found


def user(session: Session, user_id: UUID) -> User | None:
    """Return a user, to look at."""
    return session.get(User, user_id)


def hold_email(session: Session, email: str) -> None:
    """Let nobody else take up an address at the same time; who waited sees what became of it."""
    session.execute(text(_HOLD_EMAIL), {"email": email.strip()})


def user_by_email(session: Session, email: str) -> User | None:
    """Return the live user with this address, whatever its case."""
    statement = select(User).where(
        func.lower(User.email) == email.strip().lower(), User.archived_at.is_(None)
    )
    return session.scalar(statement)


def other_admins(session: Session, user_id: UUID) -> int:
    """Count the administrators besides one, all locked: two cannot leave at once."""
    statement = (
        select(User.id)
        .where(
            literal("admin") == any_(User.roles), User.active, User.archived_at.is_(None),
            User.id != user_id,
        )
        .order_by(User.id)
        .with_for_update()
    )  # fmt: skip
    return len(session.scalars(statement).all())


def users(account_type: str | None = None) -> Select[Any]:
    """Return the statement of all users, or those of a type."""
    return (
        select(User.id)
        if account_type is None
        else select(User.id).where(User.account_type == account_type)
    )


def newest_users(
    session: Session, *, after: UUID | None, account_type: str = "person"
) -> list[User]:
    """Return a page of users that are not put away, the newest first."""
    statement = select(User).where(User.archived_at.is_(None), User.account_type == account_type)
    if after is not None:
        statement = statement.where(User.id < after)
    return list(session.scalars(statement.order_by(User.id.desc()).limit(PAGE)))


def every_team(session: Session) -> list[Team]:
    """Return up to 1,000 teams by name."""
    found = session.scalars(select(Team).where(Team.archived_at.is_(None)).limit(1000))
    return sorted(found, key=lambda team: team.name.casefold())


def teams() -> Select[Any]:
    """Return the statement of all teams."""
    return select(Team.id)


def team_for_update(session: Session, team_id: UUID) -> Team:
    """Return the locked team. Raises NotFound."""
    found = session.scalar(select(Team).where(Team.id == team_id).with_for_update())
    if found is None:
        raise NotFound(f"team {team_id}")
    return found


def company_settings(session: Session) -> CompanySettings | None:
    """Return the company's settings, locked."""
    return session.scalar(select(CompanySettings).with_for_update())


def people(session: Session) -> list[tuple[UUID, str, bool]]:
    """Return (id, name, may sign in) of the newest 1,000 users, by name; programs never may."""
    newest = select(User).order_by(User.id.desc()).limit(1000)
    found = session.scalars(newest).all()
    named = [(u.id, u.name, u.may_sign_in and u.account_type == "person") for u in found]
    return sorted(named, key=lambda person: person[1].casefold())


def with_given_password(session: Session) -> list[UUID]:
    """Return those whose password came with the deployment and was not changed since."""
    statement = select(User.id).where(User.must_change_password, User.archived_at.is_(None))
    return list(session.scalars(statement.limit(100)))


def time_zone(session: Session) -> str | None:
    """Return the company's time zone."""
    return session.scalar(select(CompanySettings.time_zone).limit(1))


def credential_owner(
    session: Session, token_hash: bytes, *, now: datetime
) -> tuple[Credential, User] | None:
    """Return a live credential with its user."""
    statement = (
        select(Credential, User)
        .join(User, User.id == Credential.user_id)
        .where(
            Credential.token_hash == token_hash,
            Credential.revoked_at.is_(None),
            Credential.expires_at.is_(None) | (Credential.expires_at > now),
        )
    )
    row = session.execute(statement).one_or_none()
    return (row[0], row[1]) if row else None


def api_keys_of(session: Session, user_id: UUID | None) -> list[Credential]:
    """Return live API keys, of one user or of all, newest first."""
    statement = select(Credential).where(Credential.kind == "key", Credential.revoked_at.is_(None))
    if user_id is not None:
        statement = statement.where(Credential.user_id == user_id)
    return list(session.scalars(statement.order_by(Credential.id.desc()).limit(200)))


def credential(session: Session, credential_id: UUID) -> Credential:
    """Return a locked credential. Raises NotFound."""
    statement = select(Credential).where(Credential.id == credential_id).with_for_update()
    found = session.scalar(statement)
    if found is None:
        raise NotFound(f"API key {credential_id}")
    return found


def credential_by_hash(session: Session, token_hash: bytes) -> Credential | None:
    """Return the locked credential of a token."""
    statement = select(Credential).where(Credential.token_hash == token_hash).with_for_update()
    return session.scalar(statement)


_HOLD_EMAIL = "select pg_advisory_xact_lock(hashtextextended(lower(:email), 2))"
