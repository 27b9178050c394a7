"""Asking for changes of notes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_contacts import events
from crm_contacts.commands.changing import expect, refuse_archived, settled
from crm_contacts.model.note import Note
from crm_contacts.queries import records


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNote:
    """Keep a text by `author`, with these fields of the API."""

    author: str
    fields: Mapping[str, Any]


def add_note(session: Session, command: AddNote, *, now: datetime) -> Note:
    """Add a note and announce it."""
    note = Note(author=command.author, **settled(session, command.fields))
    outbox.add(session, events.note_added, note, at=now)
    return note


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateNote:
    """Change the fields named."""

    note_id: UUID
    expected_version: int | None
    changes: Mapping[str, Any]


def update_note(session: Session, command: UpdateNote, *, now: datetime) -> Note:
    """Change a note and announce what differs. Raises NotFound, StaleVersion, Archived."""
    note = records.for_update(session, Note, command.note_id)
    expect(note, command.expected_version)
    refuse_archived(note)
    note.change(settled(session, command.changes))
    if session.is_modified(note):
        outbox.add(session, events.note_updated, note, at=now)
    return note


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveNote:
    """Put a note away."""

    note_id: UUID
    expected_version: int | None


def archive_note(session: Session, command: ArchiveNote, *, now: datetime) -> Note:
    """Archive once and announce it. Raises NotFound, StaleVersion."""
    note = records.for_update(session, Note, command.note_id)
    if note.archived_at is not None:
        return note
    expect(note, command.expected_version)
    note.archive(at=now)
    outbox.add(session, events.note_archived, note, at=now)
    return note


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreNote:
    """Bring an archived note back."""

    note_id: UUID
    expected_version: int | None


def restore_note(session: Session, command: RestoreNote, *, now: datetime) -> Note:
    """Restore once and announce it. Raises NotFound, StaleVersion."""
    note = records.for_update(session, Note, command.note_id)
    if note.archived_at is None:
        return note
    expect(note, command.expected_version)
    note.restore()
    outbox.add(session, events.note_restored, note, at=now)
    return note
