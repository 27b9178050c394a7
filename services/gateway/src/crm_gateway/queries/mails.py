"""The queue of mails to people of the house."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crm_gateway.model.mail import Mail, MailState

AT_ONCE = 500
# Mails of the last day that failed, or may have, by state.
UNSENT = """
select state, count(*) from mail
where state in ('failed', 'unsure') and settled_at > now() - interval '1 day' group by 1
"""


def put(session: Session, fields: dict[str, Any]) -> bool:
    """Queue a mail unless one of its key is known; return whether it is new."""
    statement = insert(Mail).values(fields).on_conflict_do_nothing(index_elements=["key"])
    return session.scalar(statement.returning(Mail.id)) is not None


def withdraw(session: Session, key: str) -> bool:
    """Take a mail that is not on its way out of the queue; return whether it was there."""
    statement = delete(Mail).where(Mail.key == key, Mail.state == MailState.QUEUED)
    return cast("CursorResult[Any]", session.execute(statement)).rowcount > 0


def is_any_due(session: Session, *, now: datetime) -> bool:
    """Whether a mail waits to be sent."""
    return bool(session.scalar(select(exists().where(*_due(now)))))


def next_due(session: Session, *, now: datetime) -> Mail | None:
    """Return the mail that has waited longest, locked; those others have locked are skipped."""
    return session.scalar(
        select(Mail).where(*_due(now)).order_by(Mail.due_at, Mail.id).limit(1)
        .with_for_update(skip_locked=True).execution_options(populate_existing=True)
    )  # fmt: skip


def being_sent(session: Session) -> Sequence[Mail]:
    """Return mails that are claimed and not settled, locked."""
    return session.scalars(
        select(Mail).where(Mail.state == MailState.SENDING).order_by(Mail.id).limit(AT_ONCE)
        .with_for_update(skip_locked=True).execution_options(populate_existing=True)
    ).all()  # fmt: skip


def outstanding(session: Session, *, due: datetime) -> Sequence[Mail]:
    """Return some mails that are claimed, or queued and due by then, locked."""
    states = (MailState.QUEUED, MailState.SENDING)
    return session.scalars(
        select(Mail).where(Mail.state.in_(states), Mail.due_at <= due).order_by(Mail.id)
        .limit(AT_ONCE).with_for_update()
    ).all()  # fmt: skip


def for_update(session: Session, mail_id: UUID) -> Mail | None:
    """Return a mail, locked, as it is now."""
    statement = select(Mail).where(Mail.id == mail_id).with_for_update()
    return session.scalar(statement.execution_options(populate_existing=True))


def gone_wrong(session: Session, *, limit: int) -> Sequence[Mail]:
    """Return mails that failed or may have, the newest first."""
    wrong = (MailState.FAILED, MailState.UNSURE)
    return session.scalars(
        select(Mail).where(Mail.state.in_(wrong), Mail.settled_at.is_not(None))
        .order_by(Mail.settled_at.desc(), Mail.id).limit(limit)
    ).all()  # fmt: skip


def put_off(session: Session, *, limit: int) -> Sequence[Mail]:
    """Return mails that were tried and wait for the next time, the next one first."""
    return session.scalars(
        select(Mail).where(Mail.state == MailState.QUEUED, Mail.fault.is_not(None))
        .order_by(Mail.due_at, Mail.id).limit(limit)
    ).all()  # fmt: skip


def too_late(session: Session, *, now: datetime) -> Sequence[Mail]:
    """Return queued mails that came too late, locked."""
    return session.scalars(
        select(Mail).where(Mail.state == MailState.QUEUED, Mail.expires_at <= now).order_by(Mail.id)
        .limit(AT_ONCE).with_for_update(skip_locked=True)
    ).all()  # fmt: skip


def forget(session: Session, *, before: datetime) -> None:
    """Forget mails settled long ago, some at a time."""
    old = select(Mail.id).where(Mail.settled_at < before).limit(AT_ONCE)
    session.execute(delete(Mail).where(Mail.id.in_(old)))


def unseal(session: Session, *, before: datetime) -> None:
    """Forget what mails said that went wrong by then."""
    old = (Mail.settled_at < before, Mail.sealed.is_not(None))
    session.execute(update(Mail).where(*old).values(sealed=None))


def _due(now: datetime) -> tuple[Any, ...]:
    return (Mail.state == MailState.QUEUED, Mail.due_at <= now, Mail.expires_at > now)
