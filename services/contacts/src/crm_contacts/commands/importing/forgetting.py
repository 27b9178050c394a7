"""Deleting files of people, and what was read of them, when nobody needs them any more."""

from datetime import datetime

from sqlalchemy.orm import Session

from crm_chassis import db, outbox
from crm_contacts.commands import files
from crm_contacts.events import interchange as events
from crm_contacts.queries import imports

AT_ONCE = 10  # files a transaction


def forget_old(session: Session, *, before: datetime, now: datetime) -> int:
    """Forget the files and rows of what came to rest before; return how many.

    Whom another system's records became stays known: the same file still creates nothing.
    """
    cursor = db.cursor(session)
    rested = imports.at_rest(session, before=before, limit=AT_ONCE)
    for file in rested:
        files.forget(session, file.id)
        for statement in _FORGET:
            cursor.execute(statement, (file.id,))
        file.forgotten_at = now
        outbox.add(session, events.import_updated, file, at=now)
    written = imports.written(session, before=before, limit=AT_ONCE)
    for export in written:
        files.forget(session, export.id)
        export.forgotten_at = now
        outbox.add(session, events.export_updated, export, at=now)
    return max(len(rested), len(written))


_FORGET = (
    "delete from import_row where import_id = %s",
    "delete from import_key where import_id = %s",
    "delete from import_account where import_id = %s",
)
