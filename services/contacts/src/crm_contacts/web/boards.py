"""Routes of boards."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response

from crm_chassis import web
from crm_chassis.web.blueprints import Blueprint
from crm_contacts.commands import boards as commands
from crm_contacts.model.board import Board
from crm_contacts.queries import lists
from crm_contacts.schemas.boards import BoardIn, BoardOut, BoardPatchIn, BoardsIn, BoardsOut
from crm_contacts.web.ownership import owned

blueprint = Blueprint("boards", __name__, url_prefix="/v1/boards", kind="board")
Fields = Mapping[str, Any]


@blueprint.post("")
@blueprint.arguments(BoardIn)
@blueprint.response(201, BoardOut)
def create_board(fields: Fields) -> Response:
    """Make a board; who makes it owns it."""
    command = commands.CreateBoard(fields=owned(fields), who=web.principal())
    return web.write(commands.create_board, command, status=201)


@blueprint.get("")
@blueprint.arguments(BoardsIn, location="query")
@blueprint.response(200, BoardsOut)
def list_boards(filters: Fields) -> Response:
    """List boards, by name."""
    return web.listing(
        lists.boards(filters), kind="board", id_column=Board.id, sorts=lists.BOARD_SORTS,
        args=filters, default="name",
    )  # fmt: skip


@blueprint.get("/<uuid:board_id>")
@blueprint.response(200, BoardOut)
def read_board(board_id: UUID) -> Response:
    """Read a board."""
    return web.read("board", board_id)


@blueprint.patch("/<uuid:board_id>")
@blueprint.arguments(BoardPatchIn)
@blueprint.response(200, BoardOut)
def update_board(changes: Fields, board_id: UUID) -> Response:
    """Change a board; a column with tasks in it stays."""
    web.read("board", board_id)  # 404 for who may not see it
    command = commands.UpdateBoard(
        board_id=board_id, expected_version=web.if_match(), changes=changes, who=web.principal()
    )
    return web.write(commands.update_board, command)


@blueprint.delete("/<uuid:board_id>")
@blueprint.response(200, BoardOut)
def archive_board(board_id: UUID) -> Response:
    """Archive a board; its tasks stay."""
    return web.write(commands.archive_board, _archiving(board_id))


@blueprint.put("/<uuid:board_id>/restoration")
@blueprint.response(200, BoardOut)
def restore_board(board_id: UUID) -> Response:
    """Bring an archived board back."""
    return web.write(commands.restore_board, _archiving(board_id))


def _archiving(board_id: UUID) -> commands.ArchiveBoard:
    web.read("board", board_id)
    return commands.ArchiveBoard(
        board_id=board_id, expected_version=web.if_match(), who=web.principal()
    )
