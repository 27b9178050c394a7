"""Imports as long work: read, foresee, take over, undo; a step a transaction."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import db, outbox
from crm_contacts.commands.importing import reading, reverting, taking
from crm_contacts.commands.importing.rows import Check
from crm_contacts.events import interchange as events
from crm_contacts.model.interchange import Import, ImportStatus
from crm_contacts.model.job import Progress
from crm_contacts.queries import imports, records

WORK = "import"
Phase = Callable[[Session, Import, Progress, datetime], str | None]


def state_of(file: Import, *, phase: str, goes_on: bool) -> dict[str, Any]:
    """Return where the work begins; `goes_on`: rows are taken over without anybody looking."""
    return {
        "import_id": str(file.id), "phase": phase, "goes_on": goes_on, "after": 0, "undo": None,
        "number": 0, "rows": 0, "at": file.rows_at, "line": file.rows_line, "evidence": {},
    }  # fmt: skip


def begin(session: Session, progress: Progress) -> None:
    """Forget rows that were read otherwise before."""
    if progress.state["phase"] == "survey":
        for table in ("import_row", "import_key"):
            statement = f"delete from {table} where import_id = %s"  # noqa: S608 - ours
            db.cursor(session).execute(statement, (progress.state["import_id"],))


def carry_on(session: Session, progress: Progress, *, now: datetime, check: Check) -> None:
    """Do the next step of an import; after the last, have a result."""
    file = records.for_update(session, Import, UUID(progress.state["import_id"]))
    phases: Mapping[str, Callable[[], str | None]] = {
        "survey": lambda: _survey(session, file, progress),
        "read": lambda: _read(session, file, progress, check=check, now=now),
        "foresee": lambda: _foresee(session, file, progress, now=now),
        "take": lambda: _take(session, file, progress, now=now),
        "undo": lambda: _undo(session, file, progress, now=now),
    }
    phase = phases[progress.state["phase"]]()
    if phase is None:
        made = imports.accounts_made(session, file.id)
        progress.result = {**file.counts, "accounts_created": made}
    elif phase != progress.state["phase"]:
        progress.state = {**progress.state, "phase": phase, "after": 0}


def give_up(session: Session, progress: Progress, message: str, *, now: datetime) -> None:
    """Note that an import came to an end that is not."""
    file = records.for_update(session, Import, UUID(progress.state["import_id"]))
    file.fail(message)
    outbox.add(session, events.import_failed, file, at=now)


def _survey(session: Session, file: Import, progress: Progress) -> str:
    state = progress.state
    if not reading.survey(session, file, progress):
        return "survey"
    state["at"], state["line"] = file.rows_at, file.rows_line
    progress.total *= 2  # each row is read, then planned or taken over
    return "read"


def _read(
    session: Session, file: Import, progress: Progress, *, check: Check, now: datetime
) -> str:
    if not reading.read(session, file, progress, check=check, now=now):
        return "read"
    return "take" if progress.state["goes_on"] else "foresee"


def _foresee(session: Session, file: Import, progress: Progress, *, now: datetime) -> str | None:
    rows = taking.waiting(session, file, after=progress.state["after"])
    if rows:
        taking.foresee(session, file, rows)
        _advance(progress, rows[-1].number, len(rows))
        return "foresee"
    _decide_dates(file, progress)
    _reach(session, file, ImportStatus.READY, progress)
    outbox.add(session, events.import_updated, file, at=now)
    return None


def _take(session: Session, file: Import, progress: Progress, *, now: datetime) -> str | None:
    rows = taking.waiting(session, file, after=progress.state["after"])
    if rows:
        taking.take(session, file, rows, now=now)
        _advance(progress, rows[-1].number, len(rows))
        return "take"
    _decide_dates(file, progress)
    _reach(session, file, ImportStatus.COMPLETED, progress)
    db.cursor(session).execute("delete from import_key where import_id = %s", (file.id,))
    outbox.add(session, events.import_completed, file, at=now)
    return None


def _undo(session: Session, file: Import, progress: Progress, *, now: datetime) -> str | None:
    after = progress.state["undo"]
    last, count = reverting.undo(session, file, after=UUID(after) if after else None, now=now)
    if last is not None:
        progress.state = {**progress.state, "undo": str(last)}
        progress.done += count
        return "undo"
    if reverting.undo_accounts(session, file, now=now):
        return "undo"
    reverting.forget_origins(session, file)
    _reach(session, file, ImportStatus.REVERTED, progress)
    outbox.add(session, events.import_reverted, file, at=now)
    return None


def _advance(progress: Progress, after: int, count: int) -> None:
    progress.state = {**progress.state, "after": after}
    progress.done += count


def _decide_dates(file: Import, progress: Progress) -> None:
    if "date_order" in progress.state:
        file.date_order = progress.state["date_order"]
        file.date_order_because = progress.state["because"]


def _reach(session: Session, file: Import, status: ImportStatus, progress: Progress) -> None:
    counts = imports.counts(session, file.id)
    progress.done = progress.total
    file.reach(status, {"rows": sum(counts.values()), **counts})
