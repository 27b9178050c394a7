"""Merges in JSON."""

from marshmallow import Schema, fields, validate

from crm_chassis.paging import PageIn
from crm_chassis.web import RecordOut

_MOST = 20


class MergeIn(Schema):
    """Who is absorbed, and for a field (`custom.<key>` too) whose value is kept."""

    absorbed_ids = fields.List(
        fields.UUID(), required=True, validate=validate.Length(min=1, max=_MOST)
    )
    choices = fields.Dict(
        keys=fields.String(validate=validate.Length(min=1, max=100)), values=fields.UUID(),
        load_default=dict,
    )  # fmt: skip
    dry_run = fields.Boolean(load_default=False)


class MergeOut(RecordOut):
    """A merge; `awaited` names services that have not followed yet."""

    subject_type = fields.String(required=True)
    survivor_id = fields.UUID(required=True)
    absorbed_ids = fields.List(fields.UUID(), required=True)
    status = fields.String(required=True)
    moved = fields.Dict(required=True)
    awaited = fields.List(fields.String(), required=True)
    undo_until = fields.AwareDateTime(required=True)
    undone_at = fields.AwareDateTime(required=True, allow_none=True)
    conflicts = fields.List(fields.String(), required=True)


class PreviewOut(Schema):
    """What a merge would do; `moves` is null for a service that does not answer."""

    survivor = fields.Dict(required=True)
    changed = fields.List(fields.String(), required=True)
    moves = fields.Dict(keys=fields.String(), values=fields.Dict(allow_none=True), required=True)


class MergesIn(PageIn):
    """Query parameters of the list of merges."""

    contact_id = fields.UUID()
    account_id = fields.UUID()


class MergesOut(Schema):
    """A page of merges."""

    items = fields.List(fields.Nested(MergeOut), required=True)
    next = fields.String(required=True, allow_none=True)
