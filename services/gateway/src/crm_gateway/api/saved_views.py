"""/v1/views."""

from typing import Any
from uuid import UUID

from flask import Response

from crm_chassis import web
from crm_chassis.problems import Invalid
from crm_chassis.web.blueprints import Blueprint
from crm_gateway import saved_views as commands
from crm_gateway import schemas
from crm_gateway.model import SavedView
from crm_gateway.queries import saved_views as queries

views = Blueprint("views", __name__, url_prefix="/v1/views", kind="saved_view")


@views.route("")
@views.arguments(schemas.ViewsIn, location="query")
@views.response(200, schemas.ViewsOut)
def list_views(args: dict[str, Any]) -> Response:
    """List one's own views of lists, and those shared with one's team or everybody."""
    return web.listing(
        queries.saved_views(args), kind="saved_view", id_column=SavedView.id, sorts=queries.SORTS,
        args=args, default="name",
    )  # fmt: skip


@views.route("", methods=["POST"])
@views.arguments(schemas.ViewIn)
@views.response(201, schemas.ViewOut)
def save_view(given: dict[str, Any]) -> Response:
    """Save a view of a list."""
    _check_team(given)
    command = commands.SaveView(fields=given, owner_id=web.principal().user_id)
    return web.write(commands.save_view, command, status=201)


@views.route("/<uuid:view_id>")
@views.response(200, schemas.ViewOut)
def read_view(view_id: UUID) -> Response:
    """Read a view of a list."""
    return web.read("saved_view", view_id)


@views.route("/<uuid:view_id>", methods=["PATCH"])
@views.arguments(schemas.ViewPatchIn)
@views.response(200, schemas.ViewOut)
def change_view(changes: dict[str, Any], view_id: UUID) -> Response:
    """Change one's own view."""
    web.read("saved_view", view_id)
    _check_team(changes)
    command = commands.ChangeView(
        view_id=view_id, expected_version=web.if_match(), who=web.principal(), changes=changes
    )
    return web.write(commands.change_view, command)


@views.route("/<uuid:view_id>", methods=["DELETE"])
@views.response(200, schemas.ViewOut)
def archive_view(view_id: UUID) -> Response:
    """Put one's own view away."""
    return web.write(commands.archive_view, _archiving(view_id))


@views.route("/<uuid:view_id>/restoration", methods=["PUT"])
@views.response(200, schemas.ViewOut)
def restore_view(view_id: UUID) -> Response:
    """Bring one's own view back."""
    return web.write(commands.restore_view, _archiving(view_id))


def _archiving(view_id: UUID) -> commands.ArchiveView:
    web.read("saved_view", view_id)
    return commands.ArchiveView(
        view_id=view_id, expected_version=web.if_match(), who=web.principal()
    )


def _check_team(given: dict[str, Any]) -> None:
    """A view is shared with a team one belongs to."""
    who, team_id = web.principal(), given.get("team_id")
    if given.get("visibility") == "team" and team_id is None:
        raise Invalid({"team_id": ["needed to share with a team"]})
    if team_id is not None and team_id not in who.team_ids and not who.is_admin:
        raise Invalid({"team_id": ["not a team of yours"]})
