"""Shapes of webhooks, their deliveries and replays."""

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from crm_chassis import paging, web
from crm_gateway.model import DeliveryState

_MOST_TYPES, _LONGEST_URL, _MOST_AT_ONCE = 100, 2000, 200


class WebhookPatchIn(Schema):
    """Changes of a webhook."""

    name = web.Name()
    url = fields.String(
        allow_none=True, validate=validate.Length(1, _LONGEST_URL),
        metadata={"description": "https://…; null: facts wait to be fetched"},
    )  # fmt: skip
    types = fields.List(
        fields.String(validate=validate.Length(1, 200)), validate=validate.Length(1, _MOST_TYPES),
        metadata={"description": "types of facts, or sales.deal.*, sales.*, *"},
    )  # fmt: skip
    where = fields.Dict(
        keys=fields.String(), allow_none=True,
        metadata={"description": "a predicate over the record the fact tells of"},
    )  # fmt: skip
    active = fields.Boolean(truthy={True}, falsy={False})


class WebhookIn(WebhookPatchIn):
    """A new webhook."""

    name = web.Name(required=True)
    types = fields.List(
        fields.String(validate=validate.Length(1, 200)), required=True,
        validate=validate.Length(1, _MOST_TYPES),
        metadata={"description": "types of facts, or sales.deal.*, sales.*, *"},
    )  # fmt: skip


class WebhookOut(web.RecordOut):
    """A webhook."""

    name = fields.String(required=True)
    url = fields.String(required=True, allow_none=True)
    types = fields.List(fields.String(), required=True)
    where = fields.Dict(keys=fields.String(), required=True, allow_none=True)
    active = fields.Boolean(required=True)
    paused_reason = fields.String(required=True, allow_none=True)


class WebhooksOut(Schema):
    """A page of webhooks."""

    items = fields.List(fields.Nested(WebhookOut), required=True)
    next = fields.String(required=True, allow_none=True)


class SecretOut(Schema):
    """What signatures are made with; until `former_until` also with the former secret."""

    secret = fields.String(required=True)
    former_until = fields.AwareDateTime(required=True, allow_none=True)


class HealthOut(Schema):
    """How a receiver does; `gathered_at`: when each service was last asked what it told."""

    streak = fields.Integer(required=True, metadata={"description": "failures in a row"})
    rests_until = fields.AwareDateTime(required=True, allow_none=True)
    last_ok_at = fields.AwareDateTime(required=True, allow_none=True)
    last_fault_at = fields.AwareDateTime(required=True, allow_none=True)
    last_fault = fields.String(required=True, allow_none=True)
    waiting = fields.Integer(required=True, metadata={"description": "10001: more than 10,000"})
    gathered_at = fields.Dict(keys=fields.String(), values=fields.AwareDateTime(), required=True)


class DeliveriesIn(Schema):
    """Which deliveries of a webhook."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, paging.LARGEST_PAGE))
    cursor = fields.Integer(load_default=None, validate=validate.Range(1, 2**62))
    state = fields.String(load_default=None, validate=validate.OneOf(list(DeliveryState)))


class FactsIn(Schema):
    """Which facts to fetch: those kept after a cursor."""

    limit = fields.Integer(load_default=100, validate=validate.Range(1, paging.LARGEST_PAGE))
    cursor = fields.Integer(load_default=0, validate=validate.Range(0, 2**62))


class FactsOut(Schema):
    """Facts in the order they were kept, and the cursor to go on with."""

    items = fields.List(fields.Dict(keys=fields.String()), required=True)
    next = fields.String(required=True)


class DeliveryOut(Schema):
    """The sending of one fact."""

    fact_id = fields.UUID(required=True)
    type = fields.String(required=True)
    subject = fields.UUID(required=True)
    subject_version = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    state = fields.String(required=True)
    attempts = fields.Integer(required=True)
    next_at = fields.AwareDateTime(required=True)
    settled_at = fields.AwareDateTime(required=True, allow_none=True)
    status = fields.Integer(required=True, allow_none=True)
    fault = fields.String(required=True, allow_none=True)
    replays = fields.Integer(required=True)


class DeliveriesOut(Schema):
    """A page of deliveries, the newest first."""

    items = fields.List(fields.Nested(DeliveryOut), required=True)
    next = fields.String(required=True, allow_none=True)


class TryOut(Schema):
    """One try: a status with the beginning of the answer, or a fault."""

    at = fields.AwareDateTime(required=True)
    took_ms = fields.Integer(required=True)
    status = fields.Integer(required=True, allow_none=True)
    fault = fields.String(required=True, allow_none=True)
    answer = fields.String(required=True, allow_none=True)


class DeliveryLogOut(DeliveryOut):
    """The sending of one fact with its last 50 tries and what is sent."""

    tries = fields.List(fields.Nested(TryOut), required=True)
    fact = fields.Dict(keys=fields.String(), required=True)


class ReplayIn(Schema):
    """What to send again: facts of the log, or all from `since` until before `until`."""

    fact_ids = fields.List(fields.UUID(), validate=validate.Length(1, _MOST_AT_ONCE))
    since = web.Moment()
    until = web.Moment()

    @validates_schema
    def check_one(self, data: dict[str, object], **_: object) -> None:
        """Facts or a stretch of time."""
        if ("fact_ids" in data) == ("since" in data):
            raise ValidationError({"fact_ids": ["this or since, one of both"]})
        if "until" in data and "since" not in data:
            raise ValidationError({"until": ["only with since"]})


class ReplayOut(Schema):
    """How far a replay is."""

    id = fields.UUID(required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf(["queued", "running", "done"]))
    done = fields.Integer(required=True, metadata={"description": "facts queued again"})
    total = fields.Integer(required=True, allow_none=True)
    message = fields.String(required=True, allow_none=True)


class TestOut(Schema):
    """Where the delivery of a test is followed."""

    fact_id = fields.UUID(required=True)
