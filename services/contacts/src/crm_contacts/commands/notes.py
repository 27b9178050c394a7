"""Asking for changes of notes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_contacts.commands.changing import expect, refuse_archived, settled
from crm_contacts.events import notes as events
from crm_contacts.model.errors import ReplyUnknown
from crm_contacts.model.note import Note, mentioned
from crm_contacts.queries import records, users


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNote:
    """Keep a text by `author`, with these fields of the API."""

    author: str
    fields: Mapping[str, Any]


def add_note(session: Session, command: AddNote, *, now: datetime) -> Note:
    """Add a note and announce it, with whom it mentions. Raises ReplyUnknown."""
    fields = settled(session, command.fields)
    _check_reply(session, fields.get("reply_to_id"))
    note = Note(author=command.author, **_with_mentions(session, fields))
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
    note.change(_with_mentions(session, settled(session, command.changes)))
    if session.is_modified(note):
        outbox.add(session, events.note_updated, note, at=now)
    return note


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactToNote:
    """React to a note in one's own name, or take that back."""

    note_id: UUID
    kind: str
    user_id: UUID
    is_on: bool


def react_to_note(session: Session, command: ReactToNote, *, now: datetime) -> Note:
    """React once and announce it; nobody's version is in the way. Raises NotFound, Archived."""
    note = records.for_update(session, Note, command.note_id)
    refuse_archived(note)
    if note.react(command.kind, command.user_id, is_on=command.is_on):
        outbox.add(session, events.note_reacted, note, at=now)
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


def _with_mentions(session: Session, fields: dict[str, Any]) -> dict[str, Any]:
    """The same fields with everybody who is mentioned: named in the text, or by id."""
    if not fields.keys() & {"body", "mentions"}:
        return fields
    body = fields.get("body", "")
    people = users.named_in(session, body) if "@" in body else ()
    return {
        **fields,
        "mentions": list(dict.fromkeys([*fields.get("mentions", ()), *mentioned(body, people)])),
    }


def _check_reply(session: Session, note_id: UUID | None) -> None:
    if note_id is not None and records.plainly(session, Note, note_id) is None:
        raise ReplyUnknown(note_id)
