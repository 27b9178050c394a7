"""Duplicates and jobs in JSON."""

from marshmallow import Schema, fields, validate

from crm_chassis.paging import PageIn
from crm_chassis.web import RecordOut
from crm_contacts.model.duplicate import DuplicateRule, DuplicateStatus
from crm_contacts.schemas.values import choice
from crm_matching import DEFAULT


class EvidenceOut(Schema):
    """A finding and what it adds to the score."""

    name = fields.String(required=True)
    weight = fields.Float(required=True)


class DuplicateOut(RecordOut):
    """Two contacts that may be one person."""

    a_id = fields.UUID(required=True)
    b_id = fields.UUID(required=True)
    score = fields.Float(required=True)
    evidence = fields.List(fields.Nested(EvidenceOut), required=True)
    status = fields.String(required=True)
    decided_by = fields.String(required=True, allow_none=True)
    decided_at = fields.AwareDateTime(required=True, allow_none=True)


class DuplicatesOut(Schema):
    """A page of the queue."""

    items = fields.List(fields.Nested(DuplicateOut), required=True)
    next = fields.String(required=True, allow_none=True)


class DuplicatesIn(PageIn):
    """Query parameters of the queue."""

    status = choice(DuplicateStatus, load_default=DuplicateStatus.OPEN)
    contact_id = fields.UUID()


class PolicyIn(Schema):
    """The rule at the door, and weights where they differ from the usual ones."""

    rule = choice(DuplicateRule, required=True)
    same = fields.Float(load_default=DEFAULT.same, validate=validate.Range(0, 100))
    review = fields.Float(load_default=DEFAULT.review, validate=validate.Range(0, 100))
    weights = fields.Dict(
        keys=fields.String(validate=validate.OneOf(sorted(DEFAULT.of))),
        values=fields.Float(validate=validate.Range(-50, 50)),
        load_default=dict,
    )


class PolicyOut(PolicyIn):
    """The rule at the door with all weights."""


class JobRecordOut(RecordOut):
    """Long work as it was taken up; ask `Location` how far it is."""

    work = fields.String(required=True)
    status = fields.String(required=True)
    message = fields.String(required=True, allow_none=True)


class JobOut(Schema):
    """Long work and how far it is."""

    id = fields.UUID(required=True)
    work = fields.String(required=True)
    status = fields.String(required=True)
    done = fields.Integer(required=True)
    total = fields.Integer(required=True)
    message = fields.String(required=True, allow_none=True)
    result = fields.Dict(required=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)
    created_by = fields.String(required=True)
