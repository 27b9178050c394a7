"""Reading tasks for the clock."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_contacts.model.task import OPEN, Task


def to_remind_of(session: Session, *, now: datetime, limit: int) -> Sequence[Task]:
    """Tasks with a reminder due by now, locked; those another transaction holds are skipped."""
    statement = select(Task).where(Task.remind_at <= now).order_by(Task.remind_at, Task.id)
    return session.scalars(statement.limit(limit).with_for_update(skip_locked=True)).all()


def to_call_overdue(session: Session, *, now: datetime, limit: int) -> Sequence[Task]:
    """Open tasks due by now that were not called overdue yet, locked likewise."""
    statement = select(Task).where(
        Task.due_at <= now,
        Task.overdue_at.is_(None),
        Task.status.in_(OPEN),
        Task.archived_at.is_(None),
    )
    return session.scalars(
        statement.order_by(Task.due_at, Task.id).limit(limit).with_for_update(skip_locked=True)
    ).all()
