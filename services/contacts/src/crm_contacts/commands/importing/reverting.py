"""Undoing an import: what it made is put away, what it changed is as it was before.

What somebody else changed since stays as it is, and is listed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import db, outbox
from crm_contacts import events
from crm_contacts.commands.importing import changing
from crm_contacts.model.account import Account
from crm_contacts.model.contact import Contact
from crm_contacts.model.interchange import Import, RowStatus
from crm_contacts.queries import imports, records
from crm_contacts.queries.imports import Row

AT_ONCE = 500  # contacts a transaction
_CHANGED_SINCE = "changed since by somebody else"
_GONE = "archived since"


def undo(
    session: Session, file: Import, *, after: UUID | None, now: datetime
) -> tuple[UUID | None, int]:
    """Undo what was done to the next contacts; return the last of them and how many rows it was."""
    touched = imports.made_and_changed(session, file.id, after=after, limit=AT_ONCE)
    if not touched:
        return None, 0
    found = {each.id: each for each in records.contacts_for_update(session, sorted(touched))}
    undone: list[tuple[int, str | None]] = []
    for contact_id, rows in touched.items():
        reason = _undo(session, found.get(contact_id), rows, now=now)
        undone += [(row.number, reason) for row in rows]
    _note(session, file, undone)
    return max(touched), len(undone)


def _undo(
    session: Session, contact: Contact | None, rows: Sequence[Row], *, now: datetime
) -> str | None:
    """Undo all that was done to one contact, the last first; return why it stays, if it does."""
    if contact is None:
        return _GONE
    ours = {row.version or 0 for row in rows}
    if contact.version != max(ours) or max(ours) - min(ours) >= len(ours):
        return _CHANGED_SINCE
    if any(row.status == RowStatus.CREATED for row in rows):
        contact.archive(at=now)
        outbox.add(session, events.contact_archived, contact, at=now)
        return None
    before: dict[str, Any] = {}
    for row in reversed(rows):
        before |= row.before or {}
    changing.put_back(session, contact, before, at=now)
    return None


def _note(session: Session, file: Import, undone: Sequence[tuple[int, str | None]]) -> None:
    values = {
        "id": file.id,
        "numbers": [number for number, _ in undone],
        "statuses": [str(RowStatus.KEPT if why else RowStatus.REVERTED) for _, why in undone],
        "reasons": [why for _, why in undone],
    }
    db.cursor(session).execute(_NOTE, values)


def undo_accounts(session: Session, file: Import, *, now: datetime) -> int:
    """Put away accounts that the import made and that nobody belongs to now; return how many."""
    found = imports.lonely_accounts(session, file.id, limit=AT_ONCE)
    for account_id in found:
        account = records.for_update(session, Account, account_id)
        account.archive(at=now)
        outbox.add(session, events.account_archived, account, at=now)
    return len(found)


def forget_origins(session: Session, file: Import) -> None:
    """Have the same file be new again."""
    db.cursor(session).execute("delete from contact_origin where import_id = %s", (file.id,))


_NOTE = """
update import_row set status = t.status,
    reasons = case when t.reason is null then reasons else array[t.reason] end
from unnest(%(numbers)s::bigint[], %(statuses)s::text[], %(reasons)s::text[])
    as t(number, status, reason)
where import_id = %(id)s and import_row.number = t.number
"""
