"""/v1/roles: read by all, written by administrators."""

from typing import Any
from uuid import UUID

from flask import Response

from crm_chassis import web
from crm_chassis.web.blueprints import Blueprint
from crm_gateway.identity import roles as commands
from crm_gateway.model import Role
from crm_gateway.queries import roles
from crm_gateway.schemas.roles import RoleIn, RoleOut, RolePatchIn, RolesIn, RolesOut

blueprint = Blueprint("roles", __name__, url_prefix="/v1/roles", kind="role")


@blueprint.get("")
@blueprint.arguments(RolesIn, location="query")
@blueprint.response(200, RolesOut)
def list_roles(args: dict[str, Any]) -> Response:
    """List roles, those of the system among them."""
    return web.listing(
        roles.roles(archived=args["archived"]), kind="role", id_column=Role.id, sorts=roles.SORTS,
        args=args, default="name",
    )  # fmt: skip


@blueprint.post("")
@blueprint.arguments(RoleIn)
@blueprint.response(201, RoleOut)
@web.needs(special="administer")
def create_role(given: dict[str, Any]) -> Response:
    """Make a role; what it does not name it does not grant."""
    return web.write(commands.create_role, commands.CreateRole(fields=given), status=201)


@blueprint.get("/<uuid:role_id>")
@blueprint.response(200, RoleOut)
def read_role(role_id: UUID) -> Response:
    """Read a role."""
    return web.read("role", role_id)


@blueprint.patch("/<uuid:role_id>")
@blueprint.arguments(RolePatchIn)
@blueprint.response(200, RoleOut)
@web.needs(special="administer")
def change_role(changes: dict[str, Any], role_id: UUID) -> Response:
    """Change a role; every service heeds it within seconds."""
    command = commands.ChangeRole(role_id=role_id, expected_version=web.if_match(), changes=changes)
    return web.write(commands.change_role, command)


@blueprint.delete("/<uuid:role_id>")
@blueprint.response(200, RoleOut)
@web.needs(special="administer")
def archive_role(role_id: UUID) -> Response:
    """Put a role away that nobody holds any more."""
    return web.write(commands.archive_role, _shelving(role_id))


@blueprint.put("/<uuid:role_id>/restoration")
@blueprint.response(200, RoleOut)
@web.needs(special="administer")
def restore_role(role_id: UUID) -> Response:
    """Bring a role back."""
    return web.write(commands.restore_role, _shelving(role_id))


def _shelving(role_id: UUID) -> commands.ArchiveRole:
    return commands.ArchiveRole(role_id=role_id, expected_version=web.if_match())
