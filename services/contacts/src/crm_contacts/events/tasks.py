"""What contacts tells of tasks."""

from crm_chassis.outbox import Announcement, record_fields
from crm_contacts.events.subjects import subject_refs
from crm_contacts.model.task import Task
from crm_contracts import contacts as contracts


def task_created(task: Task) -> Announcement:
    return Announcement(contracts.TaskCreated, task_record(task))


def task_updated(task: Task) -> Announcement:
    return Announcement(contracts.TaskUpdated, task_record(task))


def task_assigned(task: Task) -> Announcement:
    return Announcement(contracts.TaskAssigned, task_record(task))


def task_completed(task: Task) -> Announcement:
    return Announcement(contracts.TaskCompleted, task_record(task))


def task_archived(task: Task) -> Announcement:
    return Announcement(contracts.TaskArchived, task_record(task))


def task_restored(task: Task) -> Announcement:
    return Announcement(contracts.TaskRestored, task_record(task))


def task_reminded(task: Task) -> Announcement:
    return Announcement(contracts.TaskReminded, task_record(task))


def task_overdue(task: Task) -> Announcement:
    return Announcement(contracts.TaskOverdue, task_record(task))


def task_moved(task: Task) -> Announcement:
    return Announcement(contracts.TaskMoved, task_record(task))


def task_record(task: Task) -> contracts.Task:
    """The published shape of a task."""
    return contracts.Task(
        **record_fields(task),
        title=task.title,
        assignee_id=task.assignee_id,
        department=task.department,
        due_at=task.due_at,
        priority=task.priority,
        status=task.status,
        done_at=task.done_at,
        subjects=subject_refs(task.subjects),
        origin=task.origin,
        collaborator_ids=tuple(task.collaborator_ids),
        reminders=tuple(
            contracts.Reminder(
                kind=each.kind,
                minutes_before=each.minutes_before,
                at=each.instant(task.due_at),
                reminded_at=each.reminded_at,
            )
            for each in task.reminders
        ),
        overdue_at=task.overdue_at,
        board_id=task.board_id,
        column_id=task.column_id,
    )
