"""Asking for changes of tasks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_contacts import events
from crm_contacts.commands.changing import expect, refuse_archived, settled
from crm_contacts.model.task import Task
from crm_contacts.model.values import TaskStatus
from crm_contacts.queries import records


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTask:
    """Have something done, with these fields of the API."""

    fields: Mapping[str, Any]


def create_task(session: Session, command: CreateTask, *, now: datetime) -> Task:
    """Create a task and announce it."""
    task = Task(**settled(session, command.fields))
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
