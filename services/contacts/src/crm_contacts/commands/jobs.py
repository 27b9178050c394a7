"""Running long work, a step a transaction."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import clock, db, logs, outbox
from crm_contacts.commands import scanning
from crm_contacts.events import recognition as events
from crm_contacts.model.job import Job, Progress
from crm_contacts.queries import jobs, records

# What a turn of the timer may take, so that reactions are not held up for long.
TURN = timedelta(seconds=5)
_CONTEXT = db.Context(actor="service:contacts", source="event", bulk=True)
Begin = Callable[[Session, Progress], None]
Continue = Callable[..., None]
_WORKS: Mapping[str, tuple[Begin, Continue]] = {
    scanning.WORK: (scanning.begin_scan, scanning.continue_scan),
}
log = logs.get(__name__)


def run(sessions: sessionmaker[Session], *, rest: Callable[[], Any] = lambda: None) -> None:
    """Run the oldest unfinished job step by step for one turn; `rest` lets others in between."""
    until = clock.now() + TURN
    while clock.now() < until and _step(sessions, now=clock.now()):
        rest()


def _step(sessions: sessionmaker[Session], *, now: datetime) -> bool:
    try:
        with db.transaction(sessions, _CONTEXT) as session:
            progress = jobs.next_step(session)
            if progress is None:
                return False
            begin, carry_on = _WORKS[progress.work]
            if progress.status == "queued":
                begin(session, progress)
            else:
                carry_on(session, progress, now=now)
            _keep(session, progress, now=now)
    except Exception as error:
        if db.is_infrastructure(error):
            raise
        log.exception("job failed")
        _give_up(sessions, error, now=now)
    return True


def _keep(session: Session, progress: Progress, *, now: datetime) -> None:
    """Note how far it is; a result ends it."""
    values = {
        "id": progress.job_id,
        "done": progress.done,
        "total": progress.total,
        "state": orjson.dumps(progress.state).decode(),
    }
    db.cursor(session).execute(_ADVANCE, values)
    if progress.result is not None:
        job = records.for_update(session, Job, progress.job_id)
        job.finish(progress.result)
        outbox.add(session, events.job_finished, job, at=now)


def _give_up(sessions: sessionmaker[Session], error: Exception, *, now: datetime) -> None:
    with db.transaction(sessions, _CONTEXT) as session:
        progress = jobs.next_step(session)
        if progress is not None:
            job = records.for_update(session, Job, progress.job_id)
            job.fail(repr(error))
            outbox.add(session, events.job_finished, job, at=now)


_ADVANCE = """
update job set status = 'running', done = %(done)s, total = %(total)s, state = %(state)s::jsonb
where id = %(id)s
"""
