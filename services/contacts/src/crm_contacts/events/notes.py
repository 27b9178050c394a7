"""What contacts tells of notes."""

from uuid import UUID

from crm_chassis.outbox import Announcement, record_fields
from crm_contacts.events.subjects import subject_refs
from crm_contacts.model.note import Note
from crm_contracts import contacts as contracts


def note_added(note: Note) -> Announcement:
    return Announcement(contracts.NoteAdded, note_record(note))


def note_updated(note: Note) -> Announcement:
    return Announcement(contracts.NoteUpdated, note_record(note))


def note_archived(note: Note) -> Announcement:
    return Announcement(contracts.NoteArchived, note_record(note))


def note_restored(note: Note) -> Announcement:
    return Announcement(contracts.NoteRestored, note_record(note))


def note_reacted(note: Note) -> Announcement:
    return Announcement(contracts.NoteReacted, note_record(note))


def note_record(note: Note) -> contracts.Note:
    """The published shape of a note."""
    return contracts.Note(
        **record_fields(note),
        body=note.body,
        pinned=note.pinned,
        subjects=subject_refs(note.subjects),
        author=note.author,
        internal=note.internal,
        mentions=tuple(note.mentions),
        reactions=tuple(
            contracts.NoteReaction(kind=kind, user_ids=tuple(map(UUID, user_ids)))
            for kind, user_ids in sorted(note.reactions.items())
        ),
        reply_to_id=note.reply_to_id,
    )
