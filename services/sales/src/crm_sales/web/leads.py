"""/v1/leads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response

from crm_chassis import web
from crm_chassis.web.blueprints import Blueprint
from crm_chassis.web.schemas import BatchOut, PageOut
from crm_fields.holding import routes
from crm_fields.objects import Held
from crm_sales import queries
from crm_sales.commands import conversions, imports
from crm_sales.commands import leads as commands
from crm_sales.commands.holding import KEEPER
from crm_sales.commands.references import REFERENCES
from crm_sales.schemas.leads import (
    LeadAssignmentIn,
    LeadBatchIn,
    LeadConversionIn,
    LeadIn,
    LeadOut,
    LeadPatch,
    LeadQuery,
)
from crm_sales.schemas.values import ReasonIn

leads = Blueprint(
    "leads", __name__, url_prefix="/v1/leads", description="Leads until conversion", kind="lead"
)


@leads.get("")
@leads.arguments(LeadQuery, location="query")
@leads.response(200, PageOut)
def list_leads(wanted: dict[str, Any]) -> Response:
    """Live leads, newest first."""
    rest, conditions = routes.asked(Held.LEAD, KEEPER, wanted)
    return web.listing(
        queries.leads(rest).where(*conditions),
        kind="lead",
        id_column=queries.LEAD_ID,
        sorts=queries.LEAD_SORTS,
        args=wanted,
    )


@leads.post("")
@leads.arguments(LeadIn)
@leads.response(201, LeadOut)
def capture_lead(command: commands.CaptureLead) -> Response:
    """Capture a lead."""
    return web.write(commands.capture_lead, command, status=201)


@leads.post("/batch")
@leads.arguments(web.batch_in("create", "update", "archive"))
@leads.response(207, BatchOut)
def batch_leads(batch: dict[str, Any]) -> Response:
    """Capture (also with their past: `imported`), update or archive up to 500 leads."""
    builders = {"create": _creation, "update": _update, "archive": _archiving}
    return web.write_batch(web.settled_together(web.operations(batch, builders), REFERENCES))


@leads.get("/<uuid:lead_id>")
@leads.response(200, LeadOut)
def get_lead(lead_id: UUID) -> Response:
    """Return one lead."""
    return web.read("lead", lead_id)


@leads.patch("/<uuid:lead_id>")
@leads.arguments(LeadPatch)
@leads.response(200, LeadOut)
def update_lead(changes: dict[str, Any], lead_id: UUID) -> Response:
    """Change fields of an open lead."""
    command = commands.UpdateLead(lead_id=lead_id, expected_version=web.if_match(), changes=changes)
    return web.write(commands.update_lead, command)


@leads.delete("/<uuid:lead_id>")
@leads.response(200, LeadOut)
def archive_lead(lead_id: UUID) -> Response:
    """Archive a lead."""
    command = commands.ArchiveLead(lead_id=lead_id, expected_version=web.if_match())
    return web.write(commands.archive_lead, command)


@leads.put("/<uuid:lead_id>/restoration")
@leads.response(200, LeadOut)
def restore_lead(lead_id: UUID) -> Response:
    """Bring an archived lead back."""
    command = commands.RestoreLead(lead_id=lead_id, expected_version=web.if_match())
    return web.write(commands.restore_lead, command)


@leads.put("/<uuid:lead_id>/assignment")
@leads.arguments(LeadAssignmentIn)
@leads.response(200, LeadOut)
def assign_lead(wanted: dict[str, Any], lead_id: UUID) -> Response:
    """Give a lead to a person or a team."""
    command = commands.AssignLead(lead_id=lead_id, expected_version=web.if_match(), **wanted)
    return web.write(commands.assign_lead, command)


@leads.put("/<uuid:lead_id>/qualification")
@leads.response(200, LeadOut)
@web.needs("update", changes=("status",))
def qualify_lead(lead_id: UUID) -> Response:
    """Find a lead worth a deal."""
    command = commands.QualifyLead(lead_id=lead_id, expected_version=web.if_match())
    return web.write(commands.qualify_lead, command)


@leads.put("/<uuid:lead_id>/disqualification")
@leads.arguments(ReasonIn)
@leads.response(200, LeadOut)
@web.needs("update", changes=("status",))
def disqualify_lead(wanted: dict[str, Any], lead_id: UUID) -> Response:
    """Give a lead up, with the reason."""
    command = commands.DisqualifyLead(lead_id=lead_id, expected_version=web.if_match(), **wanted)
    return web.write(commands.disqualify_lead, command)


@leads.put("/<uuid:lead_id>/recycling")
@leads.response(200, LeadOut)
@web.needs("update", changes=("status",))
def recycle_lead(lead_id: UUID) -> Response:
    """Take a disqualified lead up again."""
    command = commands.RecycleLead(lead_id=lead_id, expected_version=web.if_match())
    return web.write(commands.recycle_lead, command)


@leads.post("/<uuid:lead_id>/conversion")
@leads.arguments(LeadConversionIn)
@leads.response(202, LeadOut)
@web.needs("update", changes=("status",))
def convert_lead(wanted: dict[str, Any], lead_id: UUID) -> Response:
    """Ask for a contact, an account and a deal; read the lead again to see it `converted`."""
    for kind in ("contact", "account", *(["deal"] if wanted.get("create_deal", True) else [])):
        web.require_any(kind, "create")
    command = conversions.ConvertLead(lead_id=lead_id, expected_version=web.if_match(), **wanted)
    return web.write(conversions.convert_lead, command, status=202)


routes.add(leads, Held.LEAD, KEEPER)


def _creation(item: Mapping[str, Any]) -> web.Operation:
    command = LeadBatchIn().load(item["body"])
    is_import = isinstance(command, imports.ImportLead)
    function = imports.import_lead if is_import else commands.capture_lead
    return web.Operation(function, command, status=201)


def _update(item: Mapping[str, Any]) -> web.Operation:
    lead_id, version = web.subject_of(item)
    changes = LeadPatch().load(item["body"])
    command = commands.UpdateLead(lead_id=lead_id, expected_version=version, changes=changes)
    return web.Operation(commands.update_lead, command)


def _archiving(item: Mapping[str, Any]) -> web.Operation:
    lead_id, version = web.subject_of(item)
    command = commands.ArchiveLead(
        lead_id=lead_id, expected_version=version, is_any_version=version is None
    )
    return web.Operation(commands.archive_lead, command)
