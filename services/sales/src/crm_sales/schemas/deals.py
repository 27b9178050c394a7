"""Deals in JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from crm_chassis.web import Moment, Name, RecordOut
from crm_fields.holding.schemas import AskingIn, Custom
from crm_sales.commands.deals import CreateDeal
from crm_sales.commands.imports import ImportDeal, PastStage
from crm_sales.model.values import ContactRole, DealStatus
from crm_sales.schemas.values import (
    LONGEST_TEXT,
    MOST_CONTACTS,
    MoneyIn,
    MoneyOut,
    ReasonIn,
    SearchIn,
    probability,
    visibility,
)

_PAST_ONLY = ("created_at", "closed_at", "lost_reason", "stage_history")


class ContactRoleIn(Schema):
    """What a contact is in the deal: decision maker, evaluator, influencer …"""

    contact_id = fields.UUID(required=True)
    role = Name(required=True, longest=60)

    @post_load
    def build(self, loaded: dict[str, Any], **_: Any) -> ContactRole:
        return ContactRole(**loaded)


class DealPatch(Schema):
    """What to change; where the deal stands changes through its own resources.

    `probability` makes it manual, null gives it back to the stage. `custom` is merged, null takes a value away.
    """

    name = Name()
    amount = fields.Nested(MoneyIn, allow_none=True)
    probability = probability(allow_none=True)
    account_id = fields.UUID(allow_none=True)
    primary_contact_id = fields.UUID(allow_none=True)
    contact_ids = fields.List(fields.UUID(), validate=validate.Length(max=MOST_CONTACTS))
    contact_roles = fields.List(
        fields.Nested(ContactRoleIn), validate=validate.Length(max=MOST_CONTACTS)
    )
    expected_close_on = fields.Date(allow_none=True)
    source = Name(allow_none=True, longest=100)
    next_step = fields.String(allow_none=True, validate=validate.Length(max=LONGEST_TEXT))
    owner_id = fields.UUID(allow_none=True)
    team_id = fields.UUID(allow_none=True)
    visibility = visibility()
    custom = Custom()


class DealFields(DealPatch):
    """What a deal is created with."""

    name = Name(required=True)
    pipeline_id = fields.UUID(allow_none=True)
    stage_id = fields.UUID(allow_none=True)


class DealIn(DealFields):
    """A new deal: without a stage in the first open one, without a pipeline in the default one."""

    @post_load
    def build(self, loaded: dict[str, Any], **_: Any) -> CreateDeal:
        return create_deal(loaded)


class PastStageIn(Schema):
    """A stage that an imported deal stood in; a lost one needs its reason."""

    stage_id = fields.UUID(required=True)
    entered_at = Moment(required=True)
    reason = Name(allow_none=True, longest=2000)

    @post_load
    def build(self, loaded: dict[str, Any], **_: Any) -> PastStage:
        return PastStage(**loaded)


class DealBatchIn(DealFields):
    """A deal of a batch. With `imported: true` it may bring its past along.

    `stage_history` lists every stage it stood in, oldest first, beginning at `created_at`; the last
    is where it stands. Without it, `stage_id` with `closed_at` says how it ended.
    """

    imported = fields.Boolean(load_default=False)
    created_at = Moment()
    closed_at = Moment()
    lost_reason = Name(longest=2000)
    stage_history = fields.List(fields.Nested(PastStageIn), validate=validate.Length(1, 100))

    @validates_schema
    def check_past(self, loaded: dict[str, Any], **_: Any) -> None:
        past = [name for name in _PAST_ONLY if name in loaded]
        if past and not loaded["imported"]:
            raise ValidationError({name: ["Only with imported: true."] for name in past})
        if loaded["imported"] and not {"created_at", "stage_history"} & loaded.keys():
            raise ValidationError("An import says when.", "created_at")

    @post_load
    def build(self, loaded: dict[str, Any], **_: Any) -> CreateDeal | ImportDeal:
        past = {name: loaded.pop(name) for name in _PAST_ONLY if name in loaded}
        if not loaded.pop("imported"):
            return create_deal(loaded)
        past["stage_history"] = tuple(past.get("stage_history", ()))
        if "created_at" not in past:
            past["created_at"] = past["stage_history"][0].entered_at
        return ImportDeal(deal=create_deal(loaded), **past)


def create_deal(loaded: dict[str, Any]) -> CreateDeal:
    """Build the command from loaded fields."""
    for name in ("contact_ids", "contact_roles"):
        loaded[name] = tuple(loaded.get(name, ()))
    return CreateDeal(**loaded)


class DealStageIn(Schema):
    """Where the deal goes; `pipeline_id` to leave its pipeline, `reason` for a lost stage."""

    stage_id = fields.UUID(required=True)
    pipeline_id = fields.UUID()
    reason = Name(longest=2000)


class DealReasonIn(ReasonIn):
    """Why it is lost or reopened; `stage_id` where the usual stage is not meant."""

    stage_id = fields.UUID()


class DealQuery(SearchIn, AskingIn):
    """Filters of the list of deals."""

    owner_id = fields.UUID()
    pipeline_id = fields.UUID()
    stage_id = fields.UUID()
    status = fields.Enum(DealStatus, by_value=True)
    account_id = fields.UUID()
    primary_contact_id = fields.UUID()
    lead_id = fields.UUID()


class ContactRoleOut(Schema):
    """What a contact is in the deal."""

    contact_id = fields.UUID(required=True)
    role = fields.String(required=True)


class DealOut(RecordOut):
    """A deal as it is published."""

    name = fields.String(required=True)
    amount = fields.Nested(MoneyOut, required=True, allow_none=True)
    pipeline_id = fields.UUID(required=True)
    stage_id = fields.UUID(required=True)
    stage_name = fields.String(required=True)
    status = fields.Enum(DealStatus, by_value=True, required=True)
    account_id = fields.UUID(required=True, allow_none=True)
    primary_contact_id = fields.UUID(required=True, allow_none=True)
    contact_ids = fields.List(fields.UUID(), required=True)
    contact_roles = fields.List(fields.Nested(ContactRoleOut), required=True)
    expected_close_on = fields.Date(required=True, allow_none=True)
    probability = fields.String(required=True)
    probability_source = fields.String(required=True)
    weighted_amount = fields.Nested(MoneyOut, required=True, allow_none=True)
    closed_at = fields.AwareDateTime(required=True, allow_none=True)
    lost_reason = fields.String(required=True, allow_none=True)
    reopened_reason = fields.String(required=True, allow_none=True)
    source = fields.String(required=True, allow_none=True)
    lead_id = fields.UUID(required=True, allow_none=True)
    next_step = fields.String(required=True, allow_none=True)
    custom = fields.Dict(required=True)


class TimeInStageOut(Schema):
    """All stays in one stage together; the current one counts up to now."""

    stage_id = fields.UUID(required=True)
    stage_name = fields.String(required=True)
    visits = fields.Integer(required=True)
    seconds = fields.Float(required=True)
    first_entered_at = fields.AwareDateTime(required=True)
    is_current = fields.Boolean(required=True)


class StageIntervalOut(Schema):
    """One stay in a stage."""

    stage_id = fields.UUID(required=True)
    stage_name = fields.String(required=True)
    entered_at = fields.AwareDateTime(required=True)
    left_at = fields.AwareDateTime(required=True, allow_none=True)


class DealStagesOut(Schema):
    """The way of a deal: time per stage, and the stays it is the sum of."""

    items = fields.List(fields.Nested(TimeInStageOut), required=True)
    intervals = fields.List(fields.Nested(StageIntervalOut), required=True)


class OverdueOut(Schema):
    """Overdue invoices; `amount` where they are of one currency."""

    count = fields.Integer(required=True)
    amount = fields.Nested(MoneyOut, required=True, allow_none=True)
    amounts = fields.List(fields.Nested(MoneyOut), required=True)
    oldest_due_at = fields.AwareDateTime(required=True, allow_none=True)


class CustomerOverdueOut(Schema):
    """What a deal's customer owes beyond the day."""

    customer_overdue = fields.Nested(OverdueOut, required=True)
