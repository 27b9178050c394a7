"""Boards in JSON."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from crm_chassis.paging import PageIn
from crm_chassis.web import Name, RecordOut
from crm_contacts.model.values import MemberRole, TaskStatus
from crm_contacts.schemas.values import OwnedIn, optional_name


class BoardColumnIn(Schema):
    """A column of a board: with the id of one there is, or a new one."""

    id = fields.UUID()
    name = Name(longest=60, required=True)
    status = fields.String(allow_none=True, validate=validate.OneOf([*TaskStatus]))

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Write ids as text."""
        return found | ({"id": str(found["id"])} if "id" in found else {})


class BoardMemberIn(Schema):
    """Somebody on a board."""

    user_id = fields.UUID(required=True)
    role = fields.String(required=True, validate=validate.OneOf([*MemberRole]))

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Write ids as text."""
        return {"user_id": str(found["user_id"]), "role": found["role"]}


class BoardPatchIn(OwnedIn):
    """Fields of a board to change."""

    name = Name(longest=100)
    department = optional_name(60)
    columns = fields.List(fields.Nested(BoardColumnIn), validate=validate.Length(1, 20))
    members = fields.List(fields.Nested(BoardMemberIn), validate=validate.Length(max=200))

    @validates_schema
    def check(self, found: dict[str, Any], **_: Any) -> None:
        """Raise ValidationError where somebody, or a column, stands twice."""
        for name, key in (("members", "user_id"), ("columns", "id")):
            ids = [each[key] for each in found.get(name, ()) if each.get(key)]
            if len(ids) != len(set(ids)):
                reason = "Stands there twice."
                raise ValidationError(reason, name)


class BoardIn(BoardPatchIn):
    """A board to make."""

    name = Name(longest=100, required=True)


class BoardsIn(PageIn):
    """Query parameters of the list of boards."""

    department = Name()
    member_id = fields.UUID()
    archived = fields.Boolean(load_default=False)


class BoardColumnOut(Schema):
    """A column of a board."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    status = fields.String(required=True, allow_none=True)


class BoardMemberOut(Schema):
    """Somebody on a board."""

    user_id = fields.UUID(required=True)
    role = fields.String(required=True)


class BoardOut(RecordOut):
    """A board."""

    name = fields.String(required=True)
    department = fields.String(required=True, allow_none=True)
    columns = fields.List(fields.Nested(BoardColumnOut), required=True)
    members = fields.List(fields.Nested(BoardMemberOut), required=True)


class BoardsOut(Schema):
    """A page of boards."""

    items = fields.List(fields.Nested(BoardOut), required=True)
    next = fields.String(required=True, allow_none=True)
