"""What contacts publishes of what is to be done, and of the boards it is done on."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from crm_contracts.base import Fact, Record, SubjectRef, subjects_on_a_page


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """When people are reminded of a task: `minutes_before` it is due, or `at` an instant.

    For a relative reminder `at` is what it comes to, None while nothing is due.
    """

    kind: str
    minutes_before: int | None = None
    at: datetime | None = None
    reminded_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Record):
    """Something a person or a department has to do."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "task"
    plural: ClassVar[str] = "tasks"

    title: str
    assignee_id: UUID | None = None
    department: str | None = None
    due_at: datetime | None = None
    priority: str
    status: str
    done_at: datetime | None = None
    subjects: tuple[SubjectRef, ...] = ()
    origin: str | None = None
    collaborator_ids: tuple[UUID, ...] = ()
    reminders: tuple[Reminder, ...] = ()
    overdue_at: datetime | None = None
    board_id: UUID | None = None
    column_id: UUID | None = None

    def customers(self) -> frozenset[UUID]:
        return frozenset(subjects_on_a_page(self.subjects))


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardColumn:
    """A column of a board; a task put there takes the column's status, if it has one."""

    id: UUID
    name: str
    status: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardMember:
    """Somebody on a board: `owner` changes it, `editor` moves its tasks, `viewer` looks."""

    user_id: UUID
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Board(Record):
    """Where people of several departments see their tasks side by side."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "board"
    plural: ClassVar[str] = "boards"

    name: str
    department: str | None = None
    columns: tuple[BoardColumn, ...] = ()
    members: tuple[BoardMember, ...] = ()


class TaskCreated(Fact[Task], type="contacts.task.created.v1", title="Task created: {title}"):
    """A task was created."""


class TaskUpdated(Fact[Task], type="contacts.task.updated.v1"):
    """Fields of a task changed."""


class TaskAssigned(Fact[Task], type="contacts.task.assigned.v1"):
    """A task got another assignee."""


class TaskCompleted(Fact[Task], type="contacts.task.completed.v1", title="Task done: {title}"):
    """A task was done."""


class TaskArchived(Fact[Task], type="contacts.task.archived.v1"):
    """A task was archived."""


class TaskRestored(Fact[Task], type="contacts.task.restored.v1"):
    """An archived task was brought back."""


class TaskReminded(Fact[Task], type="contacts.task.reminded.v1"):
    """One or more reminders of a task are due; `reminders` say which were told."""


class TaskOverdue(
    Fact[Task], type="contacts.task.overdue.v1", title="Task overdue: {title}", at="overdue_at"
):
    """A task was not done in time; told once for each time it is due."""


class TaskMoved(Fact[Task], type="contacts.task.moved.v1"):
    """A task was put on a board, into another column, or taken off."""


class BoardCreated(Fact[Board], type="contacts.board.created.v1"):
    """A board was made."""


class BoardUpdated(Fact[Board], type="contacts.board.updated.v1"):
    """A board's name, columns or members changed."""


class BoardArchived(Fact[Board], type="contacts.board.archived.v1"):
    """A board was put away."""


class BoardRestored(Fact[Board], type="contacts.board.restored.v1"):
    """A board was brought back."""
