"""Shapes of the audit trail."""

from marshmallow import Schema, fields, validate

from crm_chassis import web


class TrailIn(Schema):
    """What is asked of the trail."""

    object_id = fields.UUID(load_default=None)
    actor_id = fields.UUID(
        load_default=None,
        metadata={"description": "a user: what they did, and what was done in their name"},
    )
    kind = fields.String(load_default=None, validate=validate.Length(max=80))
    action = fields.String(
        load_default=None, validate=validate.Length(max=80),
        metadata={"description": "like contact.updated, sign_in.failed, customer.read"},
    )  # fmt: skip
    since = web.Moment(load_default=None)
    until = web.Moment(load_default=None)
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 100))
    cursor = fields.String(load_default=None)


class TrailChangeOut(Schema):
    """One field before and after."""

    field = fields.String(required=True)
    old = fields.Raw(required=True, allow_none=True)
    new = fields.Raw(required=True, allow_none=True)


class TrailRowOut(Schema):
    """Who did what, when and from where."""

    service = fields.String(required=True)
    seq = fields.Integer(required=True)
    id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)
    actor = fields.String(required=True)
    on_behalf_of = fields.String(required=True, allow_none=True)
    credential = fields.String(
        required=True, allow_none=True,
        metadata={"description": "the id of the session or key that was used"},
    )  # fmt: skip
    address = fields.String(required=True, allow_none=True)
    agent = fields.String(required=True, allow_none=True)
    request_id = fields.String(required=True, allow_none=True)
    source = fields.String(required=True)
    action = fields.String(required=True)
    kind = fields.String(required=True, allow_none=True)
    object_id = fields.UUID(required=True, allow_none=True)
    version = fields.Integer(required=True, allow_none=True)
    fields_ = fields.List(fields.String(), required=True, data_key="fields", attribute="fields")
    changes = fields.List(fields.Nested(TrailChangeOut), required=True, allow_none=True)
    values = fields.String(
        required=True, validate=validate.OneOf(["shown", "hidden", "erased", "none"])
    )
    detail = fields.Dict(keys=fields.String(), required=True)
    sealed = fields.Boolean(required=True)


class TrailOut(Schema):
    """A page of the trail, newest first; `missing`: services that did not answer."""

    items = fields.List(fields.Nested(TrailRowOut), required=True)
    next = fields.String(required=True, allow_none=True)
    missing = fields.List(fields.String(), required=True)
