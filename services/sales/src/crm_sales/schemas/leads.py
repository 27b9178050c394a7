"""Leads in JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from crm_chassis.web import Moment, Name, RecordOut
from crm_fields.holding.schemas import AskingIn, Custom
from crm_sales.commands.imports import ImportLead
from crm_sales.commands.leads import CaptureLead
from crm_sales.model.values import LeadRating, LeadStatus
from crm_sales.schemas.values import MoneyIn, SearchIn, visibility

_NAMING = ("first_name", "last_name", "company", "email", "phone")
_PAST_ONLY = ("created_at", "status", "disqualified_reason")
_BY_HAND = (LeadStatus.NEW, LeadStatus.WORKING, LeadStatus.NURTURING)
_IMPORTABLE = (*_BY_HAND, LeadStatus.QUALIFIED, LeadStatus.DISQUALIFIED)


class LeadFields(Schema):
    """What is known of a lead."""

    first_name = Name(allow_none=True)
    last_name = Name(allow_none=True)
    email = fields.Email(allow_none=True, validate=validate.Length(max=254))
    phone = Name(allow_none=True, longest=50)
    company = Name(allow_none=True)
    job_title = Name(allow_none=True)
    source = Name(allow_none=True, longest=100)
    medium = Name(allow_none=True, longest=100)
    rating = fields.Enum(LeadRating, by_value=True, allow_none=True)
    owner_id = fields.UUID(allow_none=True)
    team_id = fields.UUID(allow_none=True)
    visibility = visibility()
    custom = Custom()


class LeadNamed(LeadFields):
    """A lead that somebody can recognise."""

    @validates_schema
    def check_named(self, loaded: dict[str, Any], **_: Any) -> None:
        if not any(loaded.get(name) for name in _NAMING):
            raise ValidationError(f"One of {', '.join(_NAMING)}.", "last_name")


class LeadIn(LeadNamed):
    """A new lead: a name, a company or a way to reach them."""

    @post_load
    def build(self, loaded: dict[str, Any], **_: Any) -> CaptureLead:
        return CaptureLead(**loaded)


class LeadBatchIn(LeadNamed):
    """A lead of a batch. With `imported: true` it may bring its age and state along."""

    imported = fields.Boolean(load_default=False)
    created_at = Moment()
    status = fields.Enum(LeadStatus, by_value=True, validate=validate.OneOf(_IMPORTABLE))
    disqualified_reason = Name(longest=2000)

    @validates_schema
    def check_past(self, loaded: dict[str, Any], **_: Any) -> None:
        past = [name for name in _PAST_ONLY if name in loaded]
        if past and not loaded["imported"]:
            raise ValidationError({name: ["Only with imported: true."] for name in past})
        if loaded["imported"] and "created_at" not in loaded:
            raise ValidationError("An import says when.", "created_at")
        is_lost = loaded.get("status") is LeadStatus.DISQUALIFIED
        if is_lost != ("disqualified_reason" in loaded):
            raise ValidationError("With the status disqualified.", "disqualified_reason")

    @post_load
    def build(self, loaded: dict[str, Any], **_: Any) -> CaptureLead | ImportLead:
        past = {name: loaded.pop(name) for name in _PAST_ONLY if name in loaded}
        imported = loaded.pop("imported")
        lead = CaptureLead(**loaded)
        return ImportLead(lead=lead, **past) if imported else lead


class LeadPatch(LeadFields):
    """What to change; `status` moves between new, working and nurturing."""

    status = fields.Enum(LeadStatus, by_value=True, validate=validate.OneOf(_BY_HAND))


class LeadAssignmentIn(Schema):
    """Whose lead it is: a person's, a team's, both or, with null, nobody's."""

    owner_id = fields.UUID(required=True, allow_none=True)
    team_id = fields.UUID(allow_none=True, load_default=None)


class LeadConversionIn(Schema):
    """What is wanted of the conversion, besides a contact and an account."""

    create_deal = fields.Boolean()
    deal_name = Name(allow_none=True)
    amount = fields.Nested(MoneyIn, allow_none=True)
    use_existing = fields.Boolean()


class LeadQuery(SearchIn, AskingIn):
    """Filters of the list of leads."""

    owner_id = fields.UUID()
    status = fields.Enum(LeadStatus, by_value=True)
    source = fields.String()
    rating = fields.Enum(LeadRating, by_value=True)
    email = fields.String()
    contact_id = fields.UUID()
    account_id = fields.UUID()


class CandidateOut(Schema):
    """A record it may be, and why."""

    type = fields.String(required=True)
    id = fields.UUID(required=True)
    reason = fields.String(required=True)


class LeadOut(RecordOut):
    """A lead as it is published."""

    first_name = fields.String(required=True, allow_none=True)
    last_name = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)
    email = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    company = fields.String(required=True, allow_none=True)
    job_title = fields.String(required=True, allow_none=True)
    source = fields.String(required=True, allow_none=True)
    medium = fields.String(required=True, allow_none=True)
    status = fields.Enum(LeadStatus, by_value=True, required=True)
    rating = fields.String(required=True, allow_none=True)
    contact_id = fields.UUID(required=True, allow_none=True)
    account_id = fields.UUID(required=True, allow_none=True)
    deal_id = fields.UUID(required=True, allow_none=True)
    converted_at = fields.AwareDateTime(required=True, allow_none=True)
    disqualified_reason = fields.String(required=True, allow_none=True)
    conversion_refused_reason = fields.String(required=True, allow_none=True)
    candidates = fields.List(fields.Nested(CandidateOut), required=True)
    custom = fields.Dict(required=True)
