"""/v1/roles: read by all, written by administrators; and who may give whom which role."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, ValidationError, validate, validates
from marshmallow import fields as shapes

from crm_chassis import paging, web
from crm_chassis.problems import Forbidden, Invalid
from crm_chassis.rights import ACTIONS, SPECIAL, SYSTEM, Range
from crm_chassis.web.blueprints import Blueprint
from crm_contracts import objects
from crm_gateway.identity import roles as commands
from crm_gateway.model import Role
from crm_gateway.queries import identity, roles

blueprint = Blueprint("roles", __name__, url_prefix="/v1/roles", kind="role")
_LIMITS = ("hidden", "read", "edit")
_RANGES = tuple(str(each) for each in Range)
_CUSTOM = "custom."
_Limits = shapes.Dict(keys=shapes.String(), values=shapes.String(validate=validate.OneOf(_LIMITS)))


class RolePatchIn(Schema):
    """Changes of a role; each member replaces what was."""

    name = web.Name(longest=80)
    grants = shapes.Dict(
        keys=shapes.String(),
        values=shapes.Dict(
            keys=shapes.String(), values=shapes.String(validate=validate.OneOf(_RANGES))
        ),
        metadata={"description": "object: {action: none, own, team or all}; unnamed is none"},
    )
    fields = shapes.Dict(
        keys=shapes.String(), values=_Limits,
        metadata={"description": "object: {field: hidden, read or edit}; unnamed is edit"},
    )  # fmt: skip
    special = shapes.List(shapes.String(validate=validate.OneOf(SPECIAL)))

    @validates("grants")
    def check_grants(self, given: Mapping[str, Mapping[str, str]], **_: Any) -> None:
        """Refuse an object or an action there is not."""
        _refuse(given, lambda _: ACTIONS, "action")

    @validates("fields")
    def check_fields(self, given: Mapping[str, Mapping[str, str]], **_: Any) -> None:
        """Refuse a field there is not, and hiding what says whose a record is."""
        own = {name for limits in given.values() for name in limits if name.startswith(_CUSTOM)}
        _refuse(given, lambda name: objects.fields_of(name) | own, "field")
        for name, limits in given.items():
            for field, limit in limits.items():
                if limit == "hidden" and not objects.is_hideable(field):
                    raise ValidationError({name: {field: ["can be read-only, not hidden"]}})


class RoleIn(RolePatchIn):
    """A new role."""

    name = web.Name(longest=80, required=True)


class RolesIn(paging.PageIn):
    """Query parameters of the list of roles."""

    archived = shapes.Boolean(load_default=False)


class RoleOut(web.RecordOut):
    """A role; `key` is that of a system role, which cannot be changed."""

    name = shapes.String(required=True)
    key = shapes.String(required=True, allow_none=True)
    grants = shapes.Dict(keys=shapes.String(), required=True)
    fields = shapes.Dict(keys=shapes.String(), required=True)
    special = shapes.List(shapes.String(), required=True)


class RolesOut(Schema):
    """A page of roles."""

    items = shapes.List(shapes.Nested(RoleOut), required=True)
    next = shapes.String(required=True, allow_none=True)


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


def check_assignable(given: Mapping[str, Any], user_id: UUID | None = None) -> None:
    """Refuse roles there are not, and giving, or changing somebody who has, more than oneself.

    Raises Invalid, Forbidden.
    """
    wanted = list(given.get("roles") or ())
    who = web.principal()
    with web.sessions()() as session:
        known = {str(role.id) for role in roles.in_force(session, wanted)} | SYSTEM.keys()
        if unknown := sorted(set(wanted) - known):
            raise Invalid({"roles": [f"no such role: {each}" for each in unknown]})
        user = identity.user(session, user_id) if user_id and not who.is_admin else None
        held = [*wanted, *(user.roles if user else ())]
        if not who.is_admin and not who.rights.covers(commands.rights_of(session, held)):
            raise Forbidden(detail="only who may do as much themselves gives or takes that")


def _shelving(role_id: UUID) -> commands.ArchiveRole:
    return commands.ArchiveRole(role_id=role_id, expected_version=web.if_match())


def _refuse(given: Mapping[str, Mapping[str, str]], known: Any, what: str) -> None:
    """Raise ValidationError naming every object, and every action or field, there is not."""
    faults: dict[str, Any] = {}
    for name, inner in given.items():
        if name not in objects.objects():
            faults[name] = ["no such object"]
        elif unknown := _unknown(inner, known(name)):
            faults[name] = {each: [f"no such {what}"] for each in unknown}
    if faults:
        raise ValidationError(faults)


def _unknown(names: Iterable[str], known: Iterable[str]) -> list[str]:
    return sorted(set(names) - set(known))
