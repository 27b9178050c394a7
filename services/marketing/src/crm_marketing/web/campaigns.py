"""/v1/campaigns and /v1/enrollments."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response

from crm_chassis import web
from crm_chassis.web.blueprints import Blueprint
from crm_chassis.web.schemas import BatchOut, PageOut
from crm_marketing.commands import campaigns as commands
from crm_marketing.commands import imports
from crm_marketing.commands.changing import ANY_VERSION
from crm_marketing.model.campaign import CampaignTally
from crm_marketing.queries import sending
from crm_marketing.schemas.campaigns import (
    CampaignBatchIn,
    CampaignIn,
    CampaignOut,
    CampaignPatch,
    CampaignQuery,
    CampaignTallyOut,
    EnrollmentOut,
    EnrollmentQuery,
)
from crm_marketing.web.listing import listing, shown_with

campaigns = Blueprint(
    "campaigns",
    __name__,
    url_prefix="/v1/campaigns",
    description="Campaigns: a mail to a segment",
    kind="campaign",
)
enrollments = Blueprint(
    "enrollments",
    __name__,
    url_prefix="/v1/enrollments",
    description="Places in campaigns",
    kind="enrollment",
)


@campaigns.get("")
@campaigns.arguments(CampaignQuery, location="query")
@campaigns.response(200, PageOut)
def list_campaigns(wanted: dict[str, Any]) -> Response:
    """Live campaigns, newest first."""
    return listing("campaign", wanted)


@campaigns.post("")
@campaigns.arguments(CampaignIn)
@campaigns.response(201, CampaignOut)
def create_campaign(command: commands.CreateCampaign) -> Response:
    """Create a campaign."""
    return web.write(commands.create_campaign, command, status=201)


@campaigns.post("/batch")
@campaigns.arguments(web.batch_in("create", "update", "archive"))
@campaigns.response(207, BatchOut)
def batch_campaigns(batch: dict[str, Any]) -> Response:
    """Create (also past ones: `imported`), update or archive up to 500 campaigns; each stands or falls alone."""
    builders = {"create": _creation, "update": _update, "archive": _archiving}
    return web.write_batch(web.operations(batch, builders))


@campaigns.get("/<uuid:campaign_id>")
@campaigns.response(200, CampaignOut)
def get_campaign(campaign_id: UUID) -> Response:
    """Return one campaign."""
    return web.read("campaign", campaign_id)


@campaigns.get("/<uuid:campaign_id>/tally")
@campaigns.response(200, CampaignTallyOut)
def get_campaign_tally(campaign_id: UUID) -> Response:
    """Return what became of a campaign's messages, as last counted; of those one sees, now."""
    web.read("campaign", campaign_id)
    tally_id, who = CampaignTally.id_of(campaign_id), web.principal()
    if who.is_admin:
        return web.read("campaign_tally", tally_id)
    with web.sessions()() as session:
        counted = sending.counts(session, campaign_id, who)
    return shown_with("campaign_tally", tally_id, counted)


@campaigns.patch("/<uuid:campaign_id>")
@campaigns.arguments(CampaignPatch)
@campaigns.response(200, CampaignOut)
def update_campaign(changes: dict[str, Any], campaign_id: UUID) -> Response:
    """Change fields of a campaign."""
    command = commands.UpdateCampaign(
        campaign_id=campaign_id, expected_version=web.if_match(), changes=changes
    )
    return web.write(commands.update_campaign, command)


@campaigns.delete("/<uuid:campaign_id>")
@campaigns.response(200, CampaignOut)
def archive_campaign(campaign_id: UUID) -> Response:
    """Archive a campaign."""
    command = commands.ArchiveCampaign(campaign_id=campaign_id, expected_version=web.if_match())
    return web.write(commands.archive_campaign, command)


@campaigns.put("/<uuid:campaign_id>/restoration")
@campaigns.response(200, CampaignOut)
def restore_campaign(campaign_id: UUID) -> Response:
    """Bring an archived campaign back."""
    command = commands.RestoreCampaign(campaign_id=campaign_id, expected_version=web.if_match())
    return web.write(commands.restore_campaign, command)


@campaigns.put("/<uuid:campaign_id>/launch")
@campaigns.response(200, CampaignOut)
@web.needs("update", changes=("status",))
def launch_campaign(campaign_id: UUID) -> Response:
    """Enroll the segment's members and write to them; or go on after a pause."""
    command = commands.LaunchCampaign(campaign_id=campaign_id, expected_version=web.if_match())
    return web.write(commands.launch_campaign, command)


@campaigns.put("/<uuid:campaign_id>/pause")
@campaigns.response(200, CampaignOut)
@web.needs("update", changes=("status",))
def pause_campaign(campaign_id: UUID) -> Response:
    """Send nothing more until launched again."""
    command = commands.PauseCampaign(campaign_id=campaign_id, expected_version=web.if_match())
    return web.write(commands.pause_campaign, command)


@enrollments.get("")
@enrollments.arguments(EnrollmentQuery, location="query")
@enrollments.response(200, PageOut)
def list_enrollments(wanted: dict[str, Any]) -> Response:
    """Who is enrolled in which campaign, newest first."""
    return listing("enrollment", wanted)


@enrollments.get("/<uuid:enrollment_id>")
@enrollments.response(200, EnrollmentOut)
def get_enrollment(enrollment_id: UUID) -> Response:
    """Return one enrollment."""
    return web.read("enrollment", enrollment_id)


def _creation(item: Mapping[str, Any]) -> web.Operation:
    command = CampaignBatchIn().load(item["body"])
    is_import = isinstance(command, imports.ImportCampaign)
    function = imports.import_campaign if is_import else commands.create_campaign
    return web.Operation(function, command, status=201)


def _update(item: Mapping[str, Any]) -> web.Operation:
    campaign_id, version = web.subject_of(item)
    changes = CampaignPatch().load(item["body"])
    command = commands.UpdateCampaign(
        campaign_id=campaign_id, expected_version=version, changes=changes
    )
    return web.Operation(commands.update_campaign, command)


def _archiving(item: Mapping[str, Any]) -> web.Operation:
    campaign_id, version = web.subject_of(item)
    command = commands.ArchiveCampaign(
        campaign_id=campaign_id, expected_version=ANY_VERSION if version is None else version
    )
    return web.Operation(commands.archive_campaign, command)
