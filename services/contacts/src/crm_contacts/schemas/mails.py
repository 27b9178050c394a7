"""Mails in JSON."""

import base64
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from crm_contacts.model.mail import MailPolicy, Strangers
from crm_contacts.model.reach import Quality
from crm_contacts.model.values import web_domain
from crm_contacts.schemas.values import Normal, choice, email, optional_name, phone

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


class VerificationIn(Schema):
    """Whether an e-mail address or telephone number of a contact is right, and how that is known."""

    email = email()
    phone = phone()
    quality = choice(Quality, required=True)
    why = optional_name(200)

    @validates_schema
    def name_one(self, found: dict[str, Any], **_: Any) -> None:
        """Speak of one of the two."""
        if ("email" in found) == ("phone" in found):
            raise ValidationError("Name an e-mail address or a telephone number.", "email")


class MailPolicyIn(Schema):
    """What happens to people who write and are not known, and which domains are our own."""

    strangers = choice(Strangers, required=True)
    companies = fields.Boolean(load_default=True)
    own_domains = fields.List(
        Normal(web_domain, longest=253), load_default=list, validate=validate.Length(max=100)
    )

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> MailPolicy:
        """Give the rule."""
        return MailPolicy(**{**found, "own_domains": frozenset(found["own_domains"])})


class MailPolicyOut(Schema):
    """The rule for mail."""

    strangers = fields.String(required=True)
    companies = fields.Boolean(required=True)
    own_domains = fields.List(fields.String(), required=True)
