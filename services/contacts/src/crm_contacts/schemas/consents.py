"""Consents in JSON."""

from marshmallow import Schema, fields, validate

from crm_chassis.paging import PageIn
from crm_chassis.web import Moment, Name, RecordOut
from crm_contacts.model.consent import Channel, ConsentStatus, LegalBasis
from crm_contacts.schemas.values import choice, optional_name


class ConsentEvidenceIn(Schema):
    """How it is known."""

    text_version = optional_name(100)
    ip = optional_name(60)
    user_agent = optional_name(500)
    form_id = optional_name(100)
    explanation = optional_name(500)


class ConsentIn(Schema):
    """What a contact said; `at` is now unless it says otherwise, never later."""

    channel = choice(Channel, required=True)
    purpose = Name(required=True, longest=60)
    status = choice(ConsentStatus, required=True)
    legal_basis = choice(LegalBasis)
    source = optional_name()
    evidence = fields.Nested(ConsentEvidenceIn, load_default=dict)
    at = Moment()
    expires_at = Moment(allow_none=True)


class ConsentsIn(PageIn):
    """Query parameters of a contact's consents."""

    channel = choice(Channel)
    purpose = fields.String(validate=validate.Length(1, 60))


class ConsentEvidenceOut(Schema):
    """How it is known, as far as it is told to others."""

    text_version = fields.String(required=True, allow_none=True)
    form_id = fields.String(required=True, allow_none=True)
    message_id = fields.UUID(required=True, allow_none=True)
    explanation = fields.String(allow_none=True)


class ConsentOut(RecordOut):
    """What a contact said."""

    contact_id = fields.UUID(required=True)
    channel = fields.String(required=True)
    purpose = fields.String(required=True)
    status = fields.String(required=True)
    legal_basis = fields.String(required=True)
    source = fields.String(required=True, allow_none=True)
    evidence = fields.Nested(ConsentEvidenceOut, required=True)
    at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True, allow_none=True)


class ConsentsOut(Schema):
    """A page of consents, the last said first."""

    items = fields.List(fields.Nested(ConsentOut), required=True)
    next = fields.String(required=True, allow_none=True)
