"""Failed sign-ins, second factors, and the sessions of people."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from crm_gateway.model import Credential, SecondFactor, User


def failures(session: Session, name_hash: bytes, *, since: datetime) -> int:
    """Count the failed sign-ins under a name."""
    values = {"name": name_hash, "since": since}
    return int(session.scalar(text(_FAILURES), values) or 0)


def note_failure(session: Session, name_hash: bytes, *, now: datetime, forget: datetime) -> None:
    """Count a failed sign-in; forget those of long ago."""
    session.execute(text("delete from sign_in_failure where at < :at"), {"at": forget})
    values = {"name": name_hash, "now": now}
    session.execute(
        text("insert into sign_in_failure (name_hash, at) values (:name, :now)"), values
    )


def clear_failures(session: Session, name_hash: bytes) -> None:
    """Begin to count anew."""
    session.execute(
        text("delete from sign_in_failure where name_hash = :name"), {"name": name_hash}
    )


def factor(session: Session, user_id: UUID) -> SecondFactor | None:
    """Return somebody's second factor, locked."""
    statement = select(SecondFactor).where(SecondFactor.user_id == user_id).with_for_update()
    return session.scalar(statement)


def forget_factor(session: Session, user_id: UUID) -> None:
    """Take somebody's second factor away."""
    session.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))


def sessions_of(session: Session, user_id: UUID, *, now: datetime) -> list[Credential]:
    """Return somebody's live sessions, the newest first."""
    statement = select(Credential).where(
        Credential.kind == "session", Credential.user_id == user_id,
        Credential.revoked_at.is_(None), Credential.expires_at > now,
    )  # fmt: skip
    return list(session.scalars(statement.order_by(Credential.id.desc()).limit(200)))


def end_sessions(session: Session, user_id: UUID, *, but: bytes | None, now: datetime) -> None:
    """End somebody's sessions, but the one with this token's hash."""
    statement = (
        update(Credential)
        .where(
            Credential.kind == "session", Credential.user_id == user_id,
            Credential.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )  # fmt: skip
    if but is not None:
        statement = statement.where(Credential.token_hash != but)
    session.execute(statement)


def note_use(session: Session, credential_id: UUID, *, now: datetime) -> None:
    """Remember that a credential was used."""
    statement = update(Credential).where(Credential.id == credential_id)
    session.execute(statement.values(last_used_at=now))


def user(session: Session, user_id: UUID) -> User | None:
    """Return a user."""
    return session.get(User, user_id)


_FAILURES = """
select count(*) from sign_in_failure where name_hash = :name and at >= :since
"""
