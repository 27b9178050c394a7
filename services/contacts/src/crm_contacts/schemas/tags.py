"""Tags in JSON."""

from marshmallow import Schema, fields, validate

from crm_chassis.paging import LARGEST_PAGE
from crm_chassis.web import Name

_KINDS = validate.OneOf(["contact", "account"])


class TagsIn(Schema):
    """Query parameters of the list of tags."""

    object = fields.String(load_default="contact", validate=_KINDS)
    q = fields.String(load_default="", validate=validate.Length(max=60))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, LARGEST_PAGE))
    cursor = fields.String(load_default="", validate=validate.Length(max=60))


class RenamingIn(Schema):
    """Tags to have another name, or to be made one; without `new` they are taken away."""

    object = fields.String(required=True, validate=_KINDS)
    old = fields.List(Name(longest=60), required=True, validate=validate.Length(1, 50))
    new = Name(longest=60, required=True, allow_none=True)


class TagOut(Schema):
    """A tag and how many live records have it."""

    object = fields.String(required=True)
    name = fields.String(required=True)
    count = fields.Integer(required=True)


class TagsOut(Schema):
    """A page of tags, by name."""

    items = fields.List(fields.Nested(TagOut), required=True)
    next = fields.String(required=True, allow_none=True)
