"""Shapes of ways in: invitations, links that set a password, accounts of services."""

from marshmallow import Schema, fields, validate

from crm_chassis import web
from crm_gateway.model import SCOPES

_PASSWORD = validate.Length(10, 1000)
_TOKEN = validate.Length(1, 200)
_ROLES = fields.String(validate=validate.Length(1, 40))


class InvitationIn(Schema):
    """Whom to invite, and what they will be."""

    email = fields.Email(required=True, validate=validate.Length(1, 254))
    roles = fields.List(_ROLES, load_default=lambda: ["member"], validate=validate.Length(1, 20))
    team_id = fields.UUID(load_default=None, allow_none=True)


class InvitationOut(Schema):
    """An invitation; `link` is shown once, and only where no mail leaves the house."""

    id = fields.UUID(required=True)
    email = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    team_id = fields.UUID(required=True, allow_none=True)
    invited_by = fields.UUID(required=True)
    created_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    sent = fields.Integer(required=True, metadata={"description": "how many links were made"})
    status = fields.String(
        required=True, validate=validate.OneOf(["open", "expired", "accepted", "revoked"])
    )
    user_id = fields.UUID(required=True, allow_none=True)
    link = fields.String()


class InvitationsOut(Schema):
    """The newest 200 invitations."""

    items = fields.List(fields.Nested(InvitationOut), required=True)
    next = fields.String(required=True, allow_none=True)


class AcceptIn(Schema):
    """The end of an invitation's link, and who takes it up."""

    token = fields.String(required=True, validate=_TOKEN)
    name = web.Name(required=True)
    password = fields.String(required=True, validate=_PASSWORD)


class ForgottenIn(Schema):
    """Whose password is forgotten."""

    email = fields.String(required=True, validate=validate.Length(1, 254))


class SetPasswordIn(Schema):
    """The end of a link that was mailed, and the new password."""

    token = fields.String(required=True, validate=_TOKEN)
    password = fields.String(required=True, validate=_PASSWORD)


class ServiceIn(Schema):
    """A new account of a service; its owner is oneself unless named."""

    name = web.Name(required=True)
    roles = fields.List(_ROLES, required=True, validate=validate.Length(1, 20))
    owner_id = fields.UUID(load_default=None, allow_none=True)
    team_id = fields.UUID(load_default=None, allow_none=True)


class ServiceKeyIn(Schema):
    """A key of a service: it says what it may, and ends."""

    name = web.Name(required=True)
    scopes = fields.List(
        fields.String(validate=validate.OneOf(SCOPES)), required=True, validate=validate.Length(1)
    )
    expires_at = web.Moment(required=True)


class LogoutIn(Schema):
    """A provider's logout token, as OpenID Connect Back-Channel Logout 1.0 sends it."""

    logout_token = fields.String(required=True, validate=validate.Length(1, 16_384))
