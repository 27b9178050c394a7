"""Reading boards."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm_contacts.model.board import Board
from crm_contacts.model.task import Task
from crm_contacts.model.values import TaskStatus


def held(session: Session, board_id: UUID) -> Board | None:
    """A board that nobody else changes until this transaction ends."""
    return session.scalar(select(Board).where(Board.id == board_id).with_for_update(read=True))


def column_of(session: Session, board_id: UUID | None, status: TaskStatus) -> UUID | None:
    """The first column of a live board whose tasks are of this status."""
    board = session.get(Board, board_id) if board_id else None
    if board is None or board.archived_at is not None:
        return None
    found = (UUID(each["id"]) for each in board.columns if each["status"] == status)
    return next(found, None)


def tasks_in(session: Session, column_id: UUID) -> int:
    """How many live tasks stand in a column."""
    statement = select(func.count()).where(Task.column_id == column_id, Task.archived_at.is_(None))
    return session.scalar(statement) or 0
