"""Reading long work."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from crm_chassis import db
from crm_contacts.model.job import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Whose turn it is: a job, its kind of work, and who asked for it."""

    job_id: UUID
    work: str
    asked_by: str


def next_turn(session: Session) -> Turn | None:
    """The unfinished job that has waited longest since its last step; None when there is none."""
    row = db.cursor(session).execute(_NEXT).fetchone()
    return None if row is None else Turn(job_id=row[0], work=row[1], asked_by=row[2])


def progress_of(session: Session, job_id: UUID) -> Progress | None:
    """How far an unfinished job is, locked; None when it has ended meanwhile."""
    row = db.cursor(session).execute(_PROGRESS, (job_id,)).fetchone()
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
select id, work, created_by from job
where status in ('queued', 'running') order by turned_at nulls first, created_at, id limit 1
"""
_PROGRESS = """
select id, work, status, done, total, state from job
where id = %s and status in ('queued', 'running') for update
"""
_READ = """
select id, work, status, done, total, message, result, created_at, updated_at, created_by
from job where id = :id
"""
