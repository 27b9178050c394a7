"""Noting in the audit trail what an answer gives away, before anything of it leaves."""

from typing import Any
from uuid import UUID

from crm_chassis import audit, clock, db
from crm_chassis.web.answers import context, sessions


def note(action: str, object_id: UUID, **detail: Any) -> None:
    """Note what is done, in a transaction of its own; detail is of ids, numbers and our words."""
    with db.transaction(sessions(), context()) as session:
        audit.note(session, action, now=clock.now(), object_id=object_id, **detail)
