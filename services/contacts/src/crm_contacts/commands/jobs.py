"""Running long work: a step a transaction, jobs by turns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import orjson
import psycopg
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import clock, db, logs, outbox
from crm_contacts.commands import exporting, importing, quality, scanning, tags, trials
from crm_contacts.commands.importing.rows import Check, RowRefused
from crm_contacts.events import recognition as events
from crm_contacts.model.job import Job, Progress
from crm_contacts.queries import jobs, records

# What a turn of the timer may take, so that reactions are not held up for long.
TURN = timedelta(seconds=5)
# Somebody who takes an address while a set is written makes the set be planned again.
_MOST_CONFLICTS = 20
_OURS = db.Context(actor="service:contacts", source="event", bulk=True)
log = logs.get(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A kind of long work; `is_asked`: done in the name of who asked for it, as an import."""

    prepare: Callable[[Session, Progress], None]
    carry_on: Callable[..., None]
    give_up: Callable[..., None] | None = None
    is_asked: bool = False
    source: str = "import"


def works(check: Check) -> Mapping[str, Work]:
    """Return all kinds of work; `check` holds rows of files to the rules of the API."""
    return {
        scanning.WORK: Work(prepare=scanning.begin_scan, carry_on=scanning.continue_scan),
        importing.WORK: Work(
            prepare=importing.begin,
            carry_on=partial(importing.carry_on, check=check),
            give_up=importing.give_up,
            is_asked=True,
        ),
        trials.WORK: Work(prepare=trials.begin, carry_on=trials.carry_on, is_asked=True),
        quality.WORK: Work(
            prepare=quality.begin, carry_on=quality.carry_on, give_up=quality.give_up
        ),
        exporting.WORK: Work(
            prepare=exporting.begin,
            carry_on=exporting.carry_on,
            give_up=exporting.give_up,
            is_asked=True,
        ),
        tags.WORK: Work(prepare=tags.begin, carry_on=tags.carry_on, is_asked=True, source="api"),
    }


def _no_check(_body: Mapping[str, Any]) -> dict[str, Any]:
    raise RowRefused(["no rules to check rows by"])


_UNCHECKED = works(_no_check)


def run(
    sessions: sessionmaker[Session],
    *,
    kinds: Mapping[str, Work] = _UNCHECKED,
    rest: Callable[[], Any] = lambda: None,
) -> None:
    """Do steps of the unfinished jobs by turns, for one turn; `rest` lets others in between."""
    until, conflicts = clock.now() + TURN, 0
    while clock.now() < until:
        with sessions() as session:
            turn = jobs.next_turn(session)
        if turn is None:
            return
        conflicts += _step(sessions, turn, kinds[turn.work], conflicts=conflicts)
        rest()


def _step(sessions: sessionmaker[Session], turn: jobs.Turn, work: Work, *, conflicts: int) -> int:
    """Do one step; return 1 if somebody was faster, so that it has to be done again."""
    now = clock.now()
    context = (
        db.Context(actor=turn.asked_by, source=work.source, bulk=True) if work.is_asked else _OURS
    )
    try:
        with db.transaction(sessions, context) as session:
            progress = jobs.progress_of(session, turn.job_id)
            if progress is None:
                return 0
            if progress.status == "queued":
                work.prepare(session, progress)
            else:
                work.carry_on(session, progress, now=now)
            _keep(session, progress, now=now)
    except Exception as error:
        if db.is_infrastructure(error):
            raise
        if (
            isinstance(error, IntegrityError | psycopg.IntegrityError)
            and conflicts < _MOST_CONFLICTS
        ):
            log.info("job step again", extra={"job_id": str(turn.job_id)})
            return 1
        log.exception("job failed", extra={"job_id": str(turn.job_id)})
        _give_up(sessions, turn, work, context, error, now=now)
    return 0


def _keep(session: Session, progress: Progress, *, now: datetime) -> None:
    """Note how far it is; a result ends it."""
    values = {
        "id": progress.job_id,
        "done": progress.done,
        "total": progress.total,
        "state": orjson.dumps(progress.state).decode(),
        "now": now,
    }
    db.cursor(session).execute(_ADVANCE, values)
    if progress.result is not None:
        job = records.for_update(session, Job, progress.job_id)
        job.finish(progress.result)
        outbox.add(session, events.job_finished, job, at=now)


def _give_up(
    sessions: sessionmaker[Session],
    turn: jobs.Turn,
    work: Work,
    context: db.Context,
    error: Exception,
    *,
    now: datetime,
) -> None:
    message = f"{type(error).__name__} in a step of the work"
    with db.transaction(sessions, context) as session:
        progress = jobs.progress_of(session, turn.job_id)
        if progress is None:
            return
        if work.give_up is not None:
            work.give_up(session, progress, message, now=now)
        job = records.for_update(session, Job, turn.job_id)
        job.fail(message)
        outbox.add(session, events.job_finished, job, at=now)


_ADVANCE = """
update job set status = 'running', done = %(done)s, total = %(total)s, state = %(state)s::jsonb,
    turned_at = %(now)s
where id = %(id)s
"""
