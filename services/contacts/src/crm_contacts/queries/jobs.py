"""Reading long work."""

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from crm_chassis import db
from crm_contacts.model.job import Progress


def next_step(session: Session) -> Progress | None:
    """How far the oldest unfinished job is, locked; None when there is none."""
    row = db.cursor(session).execute(_NEXT).fetchone()
    if row is None:
        return None
    return Progress(
        job_id=row[0], work=row[1], status=row[2], done=row[3], total=row[4], state=row[5]
    )


def job(session: Session, job_id: UUID) -> dict[str, Any] | None:
    """One job as a caller sees it."""
    row = session.execute(text(_READ), {"id": job_id}).one_or_none()
    return None if row is None else dict(row._asdict())


_NEXT = """
select id, work, status, done, total, state from job
where status in ('queued', 'running') order by created_at, id limit 1 for update
"""
_READ = """
select id, work, status, done, total, message, result, created_at, updated_at, created_by
from job where id = :id
"""
