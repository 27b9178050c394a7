"""Asking for changes of tasks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_chassis.auth import Principal
from crm_contacts.commands.boards import standing
from crm_contacts.commands.changing import expect, refuse_archived, settled
from crm_contacts.events import tasks as events
from crm_contacts.model.task import Task
from crm_contacts.model.values import TaskStatus
from crm_contacts.queries import boards, records


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTask:
    """Have something done, with these fields of the API; `who` puts it on a board, if any."""

    fields: Mapping[str, Any]
    who: Principal | None = None


def create_task(session: Session, command: CreateTask, *, now: datetime) -> Task:
    """Create a task and announce it. Raises BoardUnknown, ColumnUnknown, Forbidden."""
    fields = settled(session, command.fields)
    board_id, column_id = fields.pop("board_id", None), fields.pop("column_id", None)
    task = Task(**fields)
    if board_id is not None:
        status = standing(session, board_id, column_id, command.who)
        task.place(board_id=board_id, column_id=column_id)
        task.status = status or task.status
    task.change({}, at=now)
    outbox.add(session, events.task_created, task, at=now)
    return task


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateTask:
    """Change the fields named."""

    task_id: UUID
    expected_version: int | None
    changes: Mapping[str, Any]


def update_task(session: Session, command: UpdateTask, *, now: datetime) -> Task:
    """Change a task and announce what differs. Raises NotFound, StaleVersion, Archived."""
    task = records.for_update(session, Task, command.task_id)
    expect(task, command.expected_version)
    refuse_archived(task)
    assignee_id, status = task.assignee_id, task.status
    task.change(settled(session, command.changes), at=now)
    if not session.is_modified(task):
        return task
    told = events.task_updated
    if task.status is not status and task.status is TaskStatus.DONE:
        told = events.task_completed
    elif task.assignee_id != assignee_id:
        told = events.task_assigned
    outbox.add(session, told, task, at=now)
    return task


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTask:
    """Put a task into a column of a board, as `who`; without a board: take it off."""

    task_id: UUID
    expected_version: int | None
    board_id: UUID | None
    column_id: UUID | None
    who: Principal


def place_task(session: Session, command: PlaceTask, *, now: datetime) -> Task:
    """Place once and announce it; the column's status becomes the task's.

    Raises NotFound, StaleVersion, Archived, BoardUnknown, ColumnUnknown, Forbidden.
    """
    task = records.for_update(session, Task, command.task_id)
    if (task.board_id, task.column_id) == (command.board_id, command.column_id):
        return task
    expect(task, command.expected_version)
    refuse_archived(task)
    if task.board_id not in {None, command.board_id}:
        standing(session, task.board_id, None, command.who)
    status = standing(session, command.board_id, command.column_id, command.who)
    was_done = task.status is TaskStatus.DONE
    task.place(board_id=command.board_id, column_id=command.column_id)
    task.change({"status": status} if status else {}, at=now)
    is_done = task.status is TaskStatus.DONE and not was_done
    outbox.add(session, events.task_completed if is_done else events.task_moved, task, at=now)
    return task


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteTask:
    """Say that a task is done."""

    task_id: UUID
    expected_version: int | None


def complete_task(session: Session, command: CompleteTask, *, now: datetime) -> Task:
    """Complete once and announce it. Raises NotFound, StaleVersion, Archived, TaskCancelled."""
    task = records.for_update(session, Task, command.task_id)
    if task.status is TaskStatus.DONE:
        return task
    expect(task, command.expected_version)
    refuse_archived(task)
    task.complete(at=now)
    column_id = boards.column_of(session, task.board_id, TaskStatus.DONE)
    if column_id is not None:
        task.place(board_id=task.board_id, column_id=column_id)
    outbox.add(session, events.task_completed, task, at=now)
    return task


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveTask:
    """Put a task away."""

    task_id: UUID
    expected_version: int | None


def archive_task(session: Session, command: ArchiveTask, *, now: datetime) -> Task:
    """Archive once and announce it. Raises NotFound, StaleVersion."""
    task = records.for_update(session, Task, command.task_id)
    if task.archived_at is not None:
        return task
    expect(task, command.expected_version)
    task.archive(at=now)
    outbox.add(session, events.task_archived, task, at=now)
    return task


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreTask:
    """Bring an archived task back."""

    task_id: UUID
    expected_version: int | None


def restore_task(session: Session, command: RestoreTask, *, now: datetime) -> Task:
    """Restore once and announce it. Raises NotFound, StaleVersion."""
    task = records.for_update(session, Task, command.task_id)
    if task.archived_at is None:
        return task
    expect(task, command.expected_version)
    task.restore()
    outbox.add(session, events.task_restored, task, at=now)
    return task
