"""Campaigns and enrollments in JSON."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from crm_chassis.paging import PageIn
from crm_chassis.web import Moment, Name, RecordOut
from crm_marketing.commands.campaigns import CreateCampaign
from crm_marketing.commands.imports import ImportCampaign
from crm_marketing.model.values import CampaignStatus
from crm_marketing.schemas.values import SearchIn, body, visibility


class CampaignPatch(Schema):
    """What to change; audience and content only while it does not run."""

    name = Name()
    segment_id = fields.UUID(allow_none=True)
    template_id = fields.UUID(allow_none=True)
    subject = Name(allow_none=True, longest=300)
    body_text = body(allow_none=True)
    body_html = body(allow_none=True)
    owner_id = fields.UUID(allow_none=True)
    team_id = fields.UUID(allow_none=True)
    visibility = visibility()


class CampaignIn(CampaignPatch):
    """A new campaign: whom (segment), and what (a template, or its own subject and text)."""

    name = Name(required=True)
    type = fields.String(validate=validate.OneOf(["email"]))

    @post_load
    def build(self, loaded: dict[str, Any], **_: Any) -> CreateCampaign | ImportCampaign:
        return CreateCampaign(**loaded)


class CampaignBatchIn(CampaignIn):
    """A new campaign, or (`imported`) one that has run: it sends nothing any more."""

    imported = fields.Boolean(load_default=False)
    started_at = Moment()
    completed_at = Moment()

    @validates_schema
    def check_past(self, loaded: dict[str, Any], **_: Any) -> None:
        times = {"started_at", "completed_at"}
        if loaded["imported"] and not times <= loaded.keys():
            raise ValidationError("An import says when.", "started_at")
        if not loaded["imported"] and times & loaded.keys():
            raise ValidationError("Only with imported: true.", "started_at")

    @post_load
    def build(self, loaded: dict[str, Any], **_: Any) -> CreateCampaign | ImportCampaign:
        if not loaded.pop("imported"):
            return CreateCampaign(**loaded)
        times = {name: loaded.pop(name) for name in ("started_at", "completed_at")}
        return ImportCampaign(campaign=CreateCampaign(**loaded), **times)


class CampaignQuery(SearchIn):
    """Filters of the list of campaigns."""

    status = fields.Enum(CampaignStatus, by_value=True)
    segment_id = fields.UUID()
    origin_key = fields.String(validate=validate.Length(1, 200))


class CampaignOut(RecordOut):
    """A campaign as it is published."""

    name = fields.String(required=True)
    type = fields.String(required=True)
    segment_id = fields.UUID(required=True, allow_none=True)
    template_id = fields.UUID(required=True, allow_none=True)
    subject = fields.String(required=True, allow_none=True)
    body_text = fields.String(required=True, allow_none=True)
    body_html = fields.String(required=True, allow_none=True)
    status = fields.Enum(CampaignStatus, by_value=True, required=True)
    origin_key = fields.String(required=True, allow_none=True)
    started_at = fields.AwareDateTime(required=True, allow_none=True)
    completed_at = fields.AwareDateTime(required=True, allow_none=True)


class CampaignTallyOut(RecordOut):
    """How many contacts a campaign enrolled, and what became of its messages."""

    campaign_id = fields.UUID(required=True)
    enrolled = fields.Integer(required=True)
    queued = fields.Integer(required=True)
    sent = fields.Integer(required=True)
    unsure = fields.Integer(required=True)
    failed = fields.Integer(required=True)
    suppressed = fields.Integer(required=True)
    opened = fields.Integer(required=True)
    clicked = fields.Integer(required=True)


class EnrollmentQuery(PageIn):
    """Filters of the list of enrollments."""

    campaign_id = fields.UUID()
    contact_id = fields.UUID()


class EnrollmentOut(RecordOut):
    """An enrollment as it is published."""

    campaign_id = fields.UUID(required=True)
    campaign_name = fields.String(required=True)
    contact_id = fields.UUID(required=True)
    reason = fields.String(required=True)
    enrolled_at = fields.AwareDateTime(required=True)
