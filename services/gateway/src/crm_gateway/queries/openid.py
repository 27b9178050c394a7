"""Who somebody is at the provider, and which sessions began there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from crm_gateway.model import Role, Team


def hold(session: Session, issuer: str, subject: str) -> None:
    """Let nobody else admit the same person at the same time."""
    values = {"who": f"{issuer} {subject}"}
    session.execute(text("select pg_advisory_xact_lock(hashtextextended(:who, 1))"), values)


def user_of(session: Session, issuer: str, subject: str) -> UUID | None:
    """Return whom a person of the provider is here."""
    found: UUID | None = session.scalar(text(_USER_OF), {"issuer": issuer, "subject": subject})
    return found


def link(session: Session, issuer: str, subject: str, user_id: UUID, *, now: datetime) -> None:
    """Remember whom a person of the provider is here, for good."""
    values = {"issuer": issuer, "subject": subject, "user": user_id, "now": now}
    session.execute(text(_LINK), values)


def is_linked(session: Session, user_id: UUID) -> bool:
    """Whether somebody signs in by the provider."""
    found = session.scalar(text(_IS_LINKED), {"user": user_id})
    return bool(found)


def note_session(
    session: Session, credential_id: UUID, *, issuer: str, subject: str, sid: str | None
) -> None:
    """Remember which session of the provider a session began by."""
    values = {"credential": credential_id, "issuer": issuer, "subject": subject, "sid": sid}
    session.execute(text(_NOTE_SESSION), values)


def end_sessions(
    session: Session, *, issuer: str, subject: str | None, sid: str | None, now: datetime
) -> int:
    """End the sessions that began by a session of the provider, or for a person; return how many."""
    values = {"issuer": issuer, "subject": subject, "sid": sid, "now": now}
    return len(session.execute(text(_END_SESSIONS), values).fetchall())


def roles_named(session: Session, names: list[str]) -> dict[str, str]:
    """Return what stands in a user's list for roles named by key, id or name, in force only."""
    found = session.scalars(select(Role).where(Role.archived_at.is_(None))).all()
    known: dict[str, str] = {}
    for role in found:
        stands = role.key or str(role.id)
        known |= dict.fromkeys((role.name, str(role.id), stands), stands)
    return {name: known[name] for name in names if name in known}


def team_named(session: Session, name: str) -> UUID | None:
    """Return the one team of a name or id."""
    found = session.scalars(select(Team).where(Team.archived_at.is_(None))).all()
    named = [team.id for team in found if name in {team.name, str(team.id)}]
    return named[0] if len(named) == 1 else None


_USER_OF = "select user_id from openid_person where issuer = :issuer and subject = :subject"
_LINK = """
insert into openid_person (issuer, subject, user_id, linked_at)
values (:issuer, :subject, :user, :now)
"""
_IS_LINKED = "select exists (select from openid_person where user_id = :user)"
_NOTE_SESSION = """
insert into openid_session (credential_id, issuer, subject, sid)
values (:credential, :issuer, :subject, :sid)
"""
_END_SESSIONS = """
update credential c set revoked_at = :now from openid_session o
where o.credential_id = c.id and c.revoked_at is null and o.issuer = :issuer
  and (cast(:subject as text) is null or o.subject = :subject)
  and (cast(:sid as text) is null or o.sid = :sid)
returning c.id
"""
