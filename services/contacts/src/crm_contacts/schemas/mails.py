"""Mails in JSON."""

import base64
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from crm_contacts.schemas.values import email

_LONGEST_MAIL = 7 * 1024 * 1024  # in base64 it fits a body of 10 MB


class MailIn(Schema):
    """A mail as it came over the wire, in base64."""

    content = fields.String(required=True, validate=validate.Length(1, _LONGEST_MAIL * 4 // 3 + 4))

    @post_load
    def decode(self, found: dict[str, Any], **_: Any) -> bytes:
        """Give the bytes."""
        try:
            return base64.b64decode(found["content"], validate=True)
        except ValueError as error:
            raise ValidationError("Not base64.", "content") from error


class CorrectionIn(Schema):
    """An address that works again, as far as somebody knows."""

    email = email(required=True)
