"""Relationships in JSON."""

from marshmallow import Schema, fields, validate

from crm_chassis.paging import PageIn
from crm_chassis.web import Name, RecordOut
from crm_contacts.model.relationship import ANY, KINDS
from crm_contacts.schemas.values import OwnedIn, SubjectIn, SubjectOut, optional_name

_KIND = validate.OneOf(KINDS)


class RelationshipTypePatchIn(Schema):
    """What a type is called, from either end."""

    name = Name(longest=60)
    inverse_name = Name(longest=60)


class RelationshipTypeIn(RelationshipTypePatchIn):
    """A type of relationship; the same names and kinds at both ends make a mutual one."""

    name = Name(longest=60, required=True)
    inverse_name = Name(longest=60, required=True)
    from_kind = fields.String(load_default=ANY, validate=_KIND)
    to_kind = fields.String(load_default=ANY, validate=_KIND)


class RelationshipTypesIn(PageIn):
    """Query parameters of the list of types."""

    archived = fields.Boolean(load_default=False)


class RelationshipPatchIn(OwnedIn):
    """What may change of a relationship; another end is another relationship."""

    comment = optional_name(2000)


class RelationshipIn(RelationshipPatchIn):
    """What one is to another."""

    type_id = fields.UUID(required=True)
    from_ = fields.Nested(SubjectIn, required=True, data_key="from")
    to = fields.Nested(SubjectIn, required=True)


class RelationshipsIn(PageIn):
    """Query parameters of the list of relationships; `subject_id` stands at either end."""

    type_id = fields.UUID()
    subject_id = fields.UUID()
    archived = fields.Boolean(load_default=False)


class RelationshipTypeOut(RecordOut):
    """A type of relationship."""

    name = fields.String(required=True)
    inverse_name = fields.String(required=True)
    from_kind = fields.String(required=True)
    to_kind = fields.String(required=True)


class RelationshipTypesOut(Schema):
    """A page of types."""

    items = fields.List(fields.Nested(RelationshipTypeOut), required=True)
    next = fields.String(required=True, allow_none=True)


class RelationshipOut(RecordOut):
    """A relationship."""

    type_id = fields.UUID(required=True)
    name = fields.String(required=True)
    inverse_name = fields.String(required=True)
    from_ = fields.Nested(SubjectOut, required=True, data_key="from")
    to = fields.Nested(SubjectOut, required=True)
    comment = fields.String(required=True, allow_none=True)


class RelationshipsOut(Schema):
    """A page of relationships."""

    items = fields.List(fields.Nested(RelationshipOut), required=True)
    next = fields.String(required=True, allow_none=True)
