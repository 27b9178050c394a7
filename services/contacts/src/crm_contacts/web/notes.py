"""Routes of notes."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response

from crm_chassis import web
from crm_chassis.problems import Forbidden
from crm_chassis.web.blueprints import Blueprint
from crm_chassis.web.schemas import BatchOut
from crm_contacts.commands import notes as commands
from crm_contacts.model.note import Note
from crm_contacts.queries import lists
from crm_contacts.schemas.notes import (
    NoteIn,
    NoteOut,
    NotePatchIn,
    NotesIn,
    NotesOut,
)
from crm_contacts.web import batches
from crm_contacts.web.ownership import owned

blueprint = Blueprint("notes", __name__, url_prefix="/v1/notes", kind="note")
Fields = Mapping[str, Any]
REACTIONS = 'any("like", "love", "laugh", "party", "eyes", "done")'


@blueprint.post("")
@blueprint.arguments(NoteIn)
@blueprint.response(201, NoteOut)
def add_note(fields: Fields) -> Response:
    """Add a note."""
    return web.write(
        commands.add_note,
        commands.AddNote(author=web.principal().actor, fields=owned(fields)),
        status=201,
    )


@blueprint.get("")
@blueprint.arguments(NotesIn, location="query")
@blueprint.response(200, NotesOut)
def list_notes(filters: Fields) -> Response:
    """List notes."""
    return web.listing(
        lists.notes(filters),
        kind="note",
        id_column=Note.id,
        sorts=lists.NOTE_SORTS,
        args=filters,
    )


@blueprint.get("/<uuid:note_id>")
@blueprint.response(200, NoteOut)
def read_note(note_id: UUID) -> Response:
    """Read a note."""
    return web.read("note", note_id)


@blueprint.patch("/<uuid:note_id>")
@blueprint.arguments(NotePatchIn)
@blueprint.response(200, NoteOut)
def update_note(changes: Fields, note_id: UUID) -> Response:
    """Change a note (JSON merge patch)."""
    web.read("note", note_id)  # 404 for who may not see it
    command = commands.UpdateNote(note_id=note_id, expected_version=web.if_match(), changes=changes)
    return web.write(commands.update_note, command)


@blueprint.delete("/<uuid:note_id>")
@blueprint.response(200, NoteOut)
def archive_note(note_id: UUID) -> Response:
    """Archive a note."""
    web.read("note", note_id)
    command = commands.ArchiveNote(note_id=note_id, expected_version=web.if_match())
    return web.write(commands.archive_note, command)


@blueprint.put("/<uuid:note_id>/restoration")
@blueprint.response(200, NoteOut)
def restore_note(note_id: UUID) -> Response:
    """Bring an archived note back."""
    web.read("note", note_id)
    command = commands.RestoreNote(note_id=note_id, expected_version=web.if_match())
    return web.write(commands.restore_note, command)


@blueprint.put(f"/<uuid:note_id>/reactions/<{REACTIONS}:kind>")
@blueprint.response(200, NoteOut)
@web.needs("read")
def react(note_id: UUID, kind: str) -> Response:
    """React to a note in one's own name."""
    return _reacted(note_id, kind, is_on=True)


@blueprint.delete(f"/<uuid:note_id>/reactions/<{REACTIONS}:kind>")
@blueprint.response(200, NoteOut)
@web.needs("read")
def take_reaction_back(note_id: UUID, kind: str) -> Response:
    """Take one's own reaction back."""
    return _reacted(note_id, kind, is_on=False)


def _reacted(note_id: UUID, kind: str, *, is_on: bool) -> Response:
    web.read("note", note_id)
    user_id = web.principal().user_id
    if user_id is None:
        raise Forbidden(detail="a service does not react")
    command = commands.ReactToNote(note_id=note_id, kind=kind, user_id=user_id, is_on=is_on)
    return web.write(commands.react_to_note, command)


@blueprint.post("/batch")
@blueprint.arguments(batches.EVERY_OPERATION)
@blueprint.response(207, BatchOut)
def change_notes(batch: Fields) -> Response:
    """Create, update and archive up to 500 notes."""
    return web.write_batch(batches.operations(batch, Note, _BUILDERS))


_BUILDERS = {
    "create": batches.creating(
        commands.add_note,
        NoteIn(),
        lambda fields: commands.AddNote(author=web.principal().actor, fields=owned(fields)),
    ),
    "update": batches.updating(
        commands.update_note,
        NotePatchIn(),
        lambda record_id, version, changes: commands.UpdateNote(
            note_id=record_id, expected_version=version, changes=changes
        ),
    ),
    "archive": batches.archiving(
        commands.archive_note,
        lambda record_id, version: commands.ArchiveNote(
            note_id=record_id, expected_version=version
        ),
    ),
}
