"""What contacts tells of boards."""

from uuid import UUID

from crm_chassis.outbox import Announcement, record_fields
from crm_contacts.model.board import Board
from crm_contracts import contacts as contracts


def board_created(board: Board) -> Announcement:
    return Announcement(contracts.BoardCreated, board_record(board))


def board_updated(board: Board) -> Announcement:
    return Announcement(contracts.BoardUpdated, board_record(board))


def board_archived(board: Board) -> Announcement:
    return Announcement(contracts.BoardArchived, board_record(board))


def board_restored(board: Board) -> Announcement:
    return Announcement(contracts.BoardRestored, board_record(board))


def board_record(board: Board) -> contracts.Board:
    """The published shape of a board."""
    return contracts.Board(
        **record_fields(board),
        name=board.name,
        department=board.department,
        columns=tuple(
            contracts.BoardColumn(id=UUID(each["id"]), name=each["name"], status=each["status"])
            for each in board.columns
        ),
        members=tuple(
            contracts.BoardMember(user_id=UUID(each["user_id"]), role=each["role"])
            for each in board.members
        ),
    )
