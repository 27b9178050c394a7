"""/v1/templates."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response

from crm_chassis import web
from crm_chassis.web.blueprints import Blueprint
from crm_chassis.web.schemas import BatchOut, PageOut
from crm_marketing.commands import templates as commands
from crm_marketing.commands.changing import ANY_VERSION
from crm_marketing.schemas.templates import TemplateIn, TemplateOut, TemplatePatch
from crm_marketing.schemas.values import SearchIn
from crm_marketing.web.listing import listing

templates = Blueprint(
    "templates",
    __name__,
    url_prefix="/v1/templates",
    description="Templates of mails",
    kind="template",
)


@templates.get("")
@templates.arguments(SearchIn, location="query")
@templates.response(200, PageOut)
def list_templates(wanted: dict[str, Any]) -> Response:
    """Live templates, newest first."""
    return listing("template", wanted)


@templates.post("")
@templates.arguments(TemplateIn)
@templates.response(201, TemplateOut)
def create_template(command: commands.CreateTemplate) -> Response:
    """Create a template."""
    return web.write(commands.create_template, command, status=201)


@templates.post("/batch")
@templates.arguments(web.batch_in("create", "update", "archive"))
@templates.response(207, BatchOut)
def batch_templates(batch: dict[str, Any]) -> Response:
    """Create, update or archive up to 500 templates; each stands or falls alone."""
    builders = {"create": _creation, "update": _update, "archive": _archiving}
    return web.write_batch(web.operations(batch, builders))


@templates.get("/<uuid:template_id>")
@templates.response(200, TemplateOut)
def get_template(template_id: UUID) -> Response:
    """Return one template."""
    return web.read("template", template_id)


@templates.patch("/<uuid:template_id>")
@templates.arguments(TemplatePatch)
@templates.response(200, TemplateOut)
def update_template(changes: dict[str, Any], template_id: UUID) -> Response:
    """Change fields of a template."""
    command = commands.UpdateTemplate(
        template_id=template_id, expected_version=web.if_match(), changes=changes
    )
    return web.write(commands.update_template, command)


@templates.delete("/<uuid:template_id>")
@templates.response(200, TemplateOut)
def archive_template(template_id: UUID) -> Response:
    """Archive a template."""
    command = commands.ArchiveTemplate(template_id=template_id, expected_version=web.if_match())
    return web.write(commands.archive_template, command)


@templates.put("/<uuid:template_id>/restoration")
@templates.response(200, TemplateOut)
def restore_template(template_id: UUID) -> Response:
    """Bring an archived template back."""
    command = commands.RestoreTemplate(template_id=template_id, expected_version=web.if_match())
    return web.write(commands.restore_template, command)


def _creation(item: Mapping[str, Any]) -> web.Operation:
    return web.Operation(commands.create_template, TemplateIn().load(item["body"]), status=201)


def _update(item: Mapping[str, Any]) -> web.Operation:
    template_id, version = web.subject_of(item)
    changes = TemplatePatch().load(item["body"])
    command = commands.UpdateTemplate(
        template_id=template_id, expected_version=version, changes=changes
    )
    return web.Operation(commands.update_template, command)


def _archiving(item: Mapping[str, Any]) -> web.Operation:
    template_id, version = web.subject_of(item)
    command = commands.ArchiveTemplate(
        template_id=template_id, expected_version=ANY_VERSION if version is None else version
    )
    return web.Operation(commands.archive_template, command)
