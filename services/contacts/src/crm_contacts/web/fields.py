"""Routes of the company's own fields."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response

from crm_chassis import web
from crm_chassis.web.blueprints import Blueprint
from crm_contacts.commands import fields as commands
from crm_contacts.model.field import Field
from crm_contacts.queries import rules
from crm_contacts.schemas.rules import FieldIn, FieldOut, FieldPatchIn, FieldsIn, FieldsOut

blueprint = Blueprint("fields", __name__, url_prefix="/v1/fields", kind="field")
Fields = Mapping[str, Any]


@blueprint.post("")
@blueprint.arguments(FieldIn)
@blueprint.response(201, FieldOut)
@web.needs(special="manage_rules")
def create_field(fields: Fields) -> Response:
    """Give contacts or accounts a field, known at once to every path and to this document."""
    return web.write(commands.create_field, commands.CreateField(fields=fields), status=201)


@blueprint.get("")
@blueprint.arguments(FieldsIn, location="query")
@blueprint.response(200, FieldsOut)
def list_fields(filters: Fields) -> Response:
    """List fields in the order in which forms show them."""
    return web.listing(
        rules.listed(Field, filters), kind="field", id_column=Field.id, sorts=rules.sorts(Field),
        args=filters, default="position",
    )  # fmt: skip


@blueprint.get("/<uuid:field_id>")
@blueprint.response(200, FieldOut)
def read_field(field_id: UUID) -> Response:
    """Read a field."""
    return web.read("field", field_id)


@blueprint.patch("/<uuid:field_id>")
@blueprint.arguments(FieldPatchIn)
@blueprint.response(200, FieldOut)
@web.needs(special="manage_rules")
def update_field(changes: Fields, field_id: UUID) -> Response:
    """Change how a field is shown or checked; 409 with numbers for options that are in use."""
    command = commands.UpdateField(
        field_id=field_id, expected_version=web.if_match(), changes=changes
    )
    return web.write(commands.update_field, command)


@blueprint.delete("/<uuid:field_id>")
@blueprint.response(200, FieldOut)
@web.needs(special="manage_rules")
def archive_field(field_id: UUID) -> Response:
    """Put a field away; the values it holds are kept."""
    command = commands.ArchiveField(field_id=field_id, expected_version=web.if_match())
    return web.write(commands.archive_field, command)


@blueprint.put("/<uuid:field_id>/restoration")
@blueprint.response(200, FieldOut)
@web.needs(special="manage_rules")
def restore_field(field_id: UUID) -> Response:
    """Bring a field back, with the values it holds."""
    command = commands.RestoreField(field_id=field_id, expected_version=web.if_match())
    return web.write(commands.restore_field, command)
