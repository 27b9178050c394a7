"""The quality of data, in JSON."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from crm_chassis.paging import PageIn
from crm_chassis.web import RecordOut
from crm_contacts.model.quality import FRESH_DAYS, REASONS, RULES, AuditStatus
from crm_contacts.schemas.values import choice

_HEAVIEST = 1000


class AuditIn(Schema):
    """How long something may rest before it is not fresh."""

    fresh_days = fields.Integer(
        strict=True, load_default=FRESH_DAYS, validate=validate.Range(1, 3650)
    )


class AuditsIn(PageIn):
    """Query parameters of the list of audits."""

    status = choice(AuditStatus)


class FindingFilterIn(Schema):
    """Which findings."""

    reason = fields.String(validate=validate.OneOf(REASONS))
    kind = fields.String(validate=validate.OneOf(sorted(RULES)))
    owner_id = fields.UUID()
    team_id = fields.UUID()


class FindingsIn(FindingFilterIn):
    """Which findings, a page of them."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    cursor = fields.Integer(load_default=0, validate=validate.Range(0, 2**62))


class WeightsIn(Schema):
    """What rules weigh, by kind and reason; 0 turns one off, what is left out is as usual."""

    weights = fields.Dict(
        keys=fields.String(validate=validate.OneOf(sorted(RULES))),
        values=fields.Dict(
            keys=fields.String(),
            values=fields.Integer(strict=True, validate=validate.Range(0, _HEAVIEST)),
        ),
        required=True,
    )

    @validates_schema
    def check_reasons(self, found: dict[str, Any], **_: Any) -> None:
        """Refuse rules that there are not."""
        for kind, of in found["weights"].items():
            unknown = sorted(set(of) - {rule.reason for rule in RULES[kind]})
            if unknown:
                raise ValidationError({f"weights.{kind}.{unknown[0]}": ["not a rule"]})


class ScoresOut(Schema):
    """From 0 to 100: the share of the rules' weights that is kept; null where none counts."""

    score = fields.Integer(required=True, allow_none=True)
    completeness = fields.Integer(required=True, allow_none=True)
    validity = fields.Integer(required=True, allow_none=True)
    freshness = fields.Integer(required=True, allow_none=True)


class BrokenRuleOut(Schema):
    """A rule that is not kept."""

    reason = fields.String(required=True)
    dimension = fields.String(required=True)
    weight = fields.Integer(required=True)
    advice = fields.String(required=True)


class QualityOut(ScoresOut):
    """How good one record is, and what to do about it, the weightiest first."""

    reasons = fields.List(fields.Nested(BrokenRuleOut), required=True)


class AuditOut(RecordOut):
    """An audit; `findings` counts records by `kind.reason`."""

    status = fields.String(required=True)
    fresh_days = fields.Integer(required=True)
    job_id = fields.UUID(required=True)
    checked = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    findings = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    scores = fields.Dict(keys=fields.String(), values=fields.Nested(ScoresOut), required=True)
    completed_at = fields.AwareDateTime(required=True, allow_none=True)


class AuditsOut(Schema):
    """A page of audits."""

    items = fields.List(fields.Nested(AuditOut), required=True)
    next = fields.String(required=True, allow_none=True)


class FindingOut(Schema):
    """A record and why it is to be looked at."""

    number = fields.Integer(required=True)
    kind = fields.String(required=True)
    record_id = fields.UUID(required=True)
    reason = fields.String(required=True)
    advice = fields.String(required=True)
    name = fields.String(required=True)
    public_no = fields.Integer(required=True)
    owner_id = fields.UUID(required=True, allow_none=True)
    team_id = fields.UUID(required=True, allow_none=True)


class FindingsOut(Schema):
    """A page of findings."""

    items = fields.List(fields.Nested(FindingOut), required=True)
    next = fields.String(required=True, allow_none=True)


class TeamScoresOut(ScoresOut):
    """How well a team keeps its records of a kind; `team_id` null: nobody's."""

    kind = fields.String(required=True)
    team_id = fields.UUID(required=True, allow_none=True)
    records = fields.Integer(required=True)


class TeamsOut(Schema):
    """Every team's."""

    items = fields.List(fields.Nested(TeamScoresOut), required=True)


class RulesOut(Schema):
    """Every rule, with what it weighs here."""

    weights = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=fields.Integer()),
        required=True,
    )
