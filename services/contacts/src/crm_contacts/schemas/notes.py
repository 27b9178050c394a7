"""Notes in JSON."""

from marshmallow import Schema, fields, validate

from crm_chassis.web import Name, RecordOut
from crm_contacts.schemas.values import AboutIn, OwnedIn, SubjectOut, subjects

_LONGEST_TEXT = 20_000


class NotePatchIn(OwnedIn):
    """Fields of a note to change."""

    body = Name(longest=_LONGEST_TEXT)
    pinned = fields.Boolean()
    internal = fields.Boolean()
    mentions = fields.List(fields.UUID(), validate=validate.Length(max=50))
    subjects = subjects()


class NoteIn(NotePatchIn):
    """A note to add; one that answers another names it."""

    body = Name(longest=_LONGEST_TEXT, required=True)
    reply_to_id = fields.UUID(allow_none=True)


class NotesIn(AboutIn):
    """Query parameters of the list of notes."""

    q = Name()
    pinned = fields.Boolean()
    author = Name()
    internal = fields.Boolean()
    mention_id = fields.UUID()
    reply_to_id = fields.UUID()


class ReactionOut(Schema):
    """How people reacted to a note."""

    kind = fields.String(required=True)
    user_ids = fields.List(fields.UUID(), required=True)


class NoteOut(RecordOut):
    """A note."""

    body = fields.String(required=True)
    pinned = fields.Boolean(required=True)
    subjects = fields.List(fields.Nested(SubjectOut), required=True)
    author = fields.String(required=True)
    internal = fields.Boolean(required=True)
    mentions = fields.List(fields.UUID(), required=True)
    reactions = fields.List(fields.Nested(ReactionOut), required=True)
    reply_to_id = fields.UUID(required=True, allow_none=True)


class NotesOut(Schema):
    """A page of notes."""

    items = fields.List(fields.Nested(NoteOut), required=True)
    next = fields.String(required=True, allow_none=True)
