"""What contacts publishes of what people write for one another."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_contracts.base import Fact, Record, SubjectRef, subjects_on_a_page


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteReaction:
    """How people reacted to a note, by kind (`like`, `done` …)."""

    kind: str
    user_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Record):
    """A text kept with one or more records, shared between departments unless it says otherwise."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "note"
    plural: ClassVar[str] = "notes"

    body: str
    pinned: bool = False
    subjects: tuple[SubjectRef, ...] = ()
    author: str
    internal: bool = False
    mentions: tuple[UUID, ...] = ()
    reactions: tuple[NoteReaction, ...] = ()
    reply_to_id: UUID | None = None

    def customers(self) -> frozenset[UUID]:
        return frozenset(subjects_on_a_page(self.subjects))


class NoteAdded(Fact[Note], type="contacts.note.added.v1", title="Note added"):
    """A note was written."""


class NoteUpdated(Fact[Note], type="contacts.note.updated.v1"):
    """A note's text, pin, visibility or subjects changed."""


class NoteArchived(Fact[Note], type="contacts.note.archived.v1"):
    """A note was archived."""


class NoteRestored(Fact[Note], type="contacts.note.restored.v1"):
    """An archived note was brought back."""


class NoteReacted(Fact[Note], type="contacts.note.reacted.v1"):
    """Somebody reacted to a note, or took that back."""
