"""Asking for boards and changes of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import ids, outbox
from crm_chassis.auth import Principal
from crm_chassis.problems import Forbidden
from crm_contacts.commands.changing import expect, refuse_archived
from crm_contacts.events import boards as events
from crm_contacts.model.board import Board
from crm_contacts.model.errors import BoardUnknown, ColumnInUse, ColumnUnknown
from crm_contacts.model.values import MemberRole, TaskStatus
from crm_contacts.queries import boards, records

FIRST_COLUMNS = (
    ("To do", TaskStatus.OPEN),
    ("Doing", TaskStatus.IN_PROGRESS),
    ("Waiting", TaskStatus.WAITING),
    ("Done", TaskStatus.DONE),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateBoard:
    """Make a board with these fields of the API; who makes it owns it."""

    fields: Mapping[str, Any]
    who: Principal


def create_board(session: Session, command: CreateBoard, *, now: datetime) -> Board:
    """Create a board, with the usual columns unless it names some, and announce it."""
    fields = dict(command.fields)
    members = fields.pop("members", [])
    if command.who.user_id is not None:
        mine = {"user_id": str(command.who.user_id), "role": MemberRole.OWNER.value}
        members = [mine, *(each for each in members if each["user_id"] != mine["user_id"])]
    columns = fields.pop("columns", None) or [
        {"name": name, "status": status.value} for name, status in FIRST_COLUMNS
    ]
    board = Board(**fields)
    board.change({"columns": _numbered(columns), "members": members})
    outbox.add(session, events.board_created, board, at=now)
    return board


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateBoard:
    """Change the fields named, as `who`; a column with an id is the one there is."""

    board_id: UUID
    expected_version: int | None
    changes: Mapping[str, Any]
    who: Principal


def update_board(session: Session, command: UpdateBoard, *, now: datetime) -> Board:
    """Change a board and announce it.

    Raises NotFound, StaleVersion, Archived, Forbidden, ColumnInUse, ColumnUnknown, BoardOwnerless.
    """
    board = _mine(session, command.board_id, command.expected_version, command.who)
    refuse_archived(board)
    changes = dict(command.changes)
    if "columns" in changes:
        changes["columns"] = _columns(session, board, changes["columns"])
    board.change(changes)
    if session.is_modified(board):
        outbox.add(session, events.board_updated, board, at=now)
    return board


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveBoard:
    """Put a board away, or bring it back, as `who`; its tasks stay as they are."""

    board_id: UUID
    expected_version: int | None
    who: Principal


def archive_board(session: Session, command: ArchiveBoard, *, now: datetime) -> Board:
    """Archive once and announce it. Raises NotFound, StaleVersion, Forbidden."""
    board = records.for_update(session, Board, command.board_id)
    if board.archived_at is None:
        _mine(session, command.board_id, command.expected_version, command.who)
        board.archive(at=now)
        outbox.add(session, events.board_archived, board, at=now)
    return board


def restore_board(session: Session, command: ArchiveBoard, *, now: datetime) -> Board:
    """Restore once and announce it. Raises NotFound, StaleVersion, Forbidden."""
    board = records.for_update(session, Board, command.board_id)
    if board.archived_at is not None:
        _mine(session, command.board_id, command.expected_version, command.who)
        board.restore()
        outbox.add(session, events.board_restored, board, at=now)
    return board


def standing(
    session: Session, board_id: UUID | None, column_id: UUID | None, who: Principal | None
) -> TaskStatus | None:
    """Return the status of a task in this column; `who` must be allowed to move tasks there.

    The board cannot change until the transaction ends. Without a column only the permission is
    looked at. Raises BoardUnknown, ColumnUnknown, Forbidden.
    """
    if board_id is None:
        if column_id is not None:
            raise ColumnUnknown(column_id)
        return None
    board = boards.held(session, board_id)
    if board is None or board.archived_at is not None:
        if column_id is None:
            return None  # off a board that is not there any more
        raise BoardUnknown(board_id)
    if who is None or not (who.is_admin or board.is_moved_by(who.user_id)):
        raise Forbidden(detail="only owners and editors of a board move its tasks")
    return board.column_status(column_id) if column_id else None


def _mine(session: Session, board_id: UUID, version: int | None, who: Principal) -> Board:
    board = records.for_update(session, Board, board_id)
    expect(board, version)
    if not (who.is_admin or board.is_changed_by(who.user_id)):
        raise Forbidden(detail="only owners of a board change it")
    return board


def _columns(session: Session, board: Board, wanted: list[Any]) -> list[dict[str, Any]]:
    known = {each["id"] for each in board.columns}
    for each in wanted:
        if each.get("id") and each["id"] not in known:
            raise ColumnUnknown(each["id"])
    for column_id in board.columns_left_out([each for each in wanted if each.get("id")]):
        if count := boards.tasks_in(session, column_id):
            raise ColumnInUse(column_id, count)
    return _numbered(wanted)


def _numbered(columns: list[Any]) -> list[dict[str, Any]]:
    return [
        {"id": each.get("id") or str(ids.new()), "name": each["name"], "status": each.get("status")}
        for each in columns
    ]
