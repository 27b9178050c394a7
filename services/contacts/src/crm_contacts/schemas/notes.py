"""Notes in JSON."""

from marshmallow import Schema, fields

from crm_chassis.web import Name, RecordOut
from crm_contacts.schemas.values import AboutIn, OwnedIn, SubjectOut, subjects

_LONGEST_TEXT = 20_000


class NotePatchIn(OwnedIn):
    """Fields of a note to change."""

    body = Name(longest=_LONGEST_TEXT)
    pinned = fields.Boolean()
    subjects = subjects()


class NoteIn(NotePatchIn):
    """A note to add."""

    body = Name(longest=_LONGEST_TEXT, required=True)


class NotesIn(AboutIn):
    """Query parameters of the list of notes."""

    q = Name()
    pinned = fields.Boolean()
    author = Name()


class NoteOut(RecordOut):
    """A note."""

    body = fields.String(required=True)
    pinned = fields.Boolean(required=True)
    subjects = fields.List(fields.Nested(SubjectOut), required=True)
    author = fields.String(required=True)


class NotesOut(Schema):
    """A page of notes."""

    items = fields.List(fields.Nested(NoteOut), required=True)
    next = fields.String(required=True, allow_none=True)
