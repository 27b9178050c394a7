"""What the clock does to tasks: people are reminded, and what is not done becomes overdue."""

from datetime import datetime

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_contacts.events import tasks as events
from crm_contacts.queries import tasks

AT_ONCE = 200


def remind(session: Session, *, now: datetime) -> int:
    """Tell the reminders due by now, once each; return how many tasks they were of."""
    found = tasks.to_remind_of(session, now=now, limit=AT_ONCE)
    for task in found:
        if task.remind(at=now):
            outbox.add(session, events.task_reminded, task, at=now)
    return len(found)


def note_overdue(session: Session, *, now: datetime) -> int:
    """Tell which tasks are overdue by now, once each; return how many."""
    found = tasks.to_call_overdue(session, now=now, limit=AT_ONCE)
    for task in found:
        if task.fall_overdue(at=now):
            outbox.add(session, events.task_overdue, task, at=now)
    return len(found)
