"""Shapes of what people change of their own: password, second factor, sessions."""

from marshmallow import Schema, fields, validate

_PASSWORD = validate.Length(1, 1000)


class PasswordIn(Schema):
    """A new password, and the current one."""

    current = fields.String(required=True, validate=_PASSWORD)
    new = fields.String(required=True, validate=validate.Length(10, 1000))


class ConfirmIn(Schema):
    """One's password, to be sure it is oneself."""

    password = fields.String(required=True, validate=_PASSWORD)


class CodeIn(Schema):
    """A one-time code."""

    code = fields.String(required=True, validate=validate.Length(1, 40))


class FactorOut(Schema):
    """A secret for an authenticator, as text and as its address; it counts once it is confirmed."""

    secret = fields.String(required=True)
    uri = fields.String(required=True)


class RecoveryOut(Schema):
    """Codes that replace a one-time code, once each; shown this once."""

    recovery_codes = fields.List(fields.String(), required=True)


class SessionOut(Schema):
    """Where somebody is signed in."""

    id = fields.UUID(required=True)
    created_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    last_used_at = fields.AwareDateTime(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)
    agent = fields.String(required=True, allow_none=True)
    current = fields.Boolean(required=True)


class SessionsOut(Schema):
    """Live sessions, the newest first."""

    items = fields.List(fields.Nested(SessionOut), required=True)
    next = fields.String(required=True, allow_none=True)
