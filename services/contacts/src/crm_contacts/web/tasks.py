"""Routes of tasks."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response

from crm_chassis import web
from crm_chassis.web.blueprints import Blueprint
from crm_chassis.web.schemas import BatchOut
from crm_contacts.commands import tasks as commands
from crm_contacts.model.task import Task
from crm_contacts.queries import lists
from crm_contacts.schemas.tasks import (
    PlaceIn,
    TaskIn,
    TaskOut,
    TaskPatchIn,
    TasksIn,
    TasksOut,
)
from crm_contacts.web import batches
from crm_contacts.web.ownership import owned

blueprint = Blueprint("tasks", __name__, url_prefix="/v1/tasks", kind="task")
Fields = Mapping[str, Any]


@blueprint.post("")
@blueprint.arguments(TaskIn)
@blueprint.response(201, TaskOut)
def create_task(fields: Fields) -> Response:
    """Create a task."""
    command = commands.CreateTask(fields=owned(fields), who=web.principal())
    return web.write(commands.create_task, command, status=201)


@blueprint.get("")
@blueprint.arguments(TasksIn, location="query")
@blueprint.response(200, TasksOut)
def list_tasks(filters: Fields) -> Response:
    """List tasks."""
    return web.listing(
        lists.tasks(filters),
        kind="task",
        id_column=Task.id,
        sorts=lists.TASK_SORTS,
        args=filters,
    )


@blueprint.get("/<uuid:task_id>")
@blueprint.response(200, TaskOut)
def read_task(task_id: UUID) -> Response:
    """Read a task."""
    return web.read("task", task_id)


@blueprint.patch("/<uuid:task_id>")
@blueprint.arguments(TaskPatchIn)
@blueprint.response(200, TaskOut)
def update_task(changes: Fields, task_id: UUID) -> Response:
    """Change a task (JSON merge patch)."""
    web.read("task", task_id)  # 404 for who may not see it
    command = commands.UpdateTask(task_id=task_id, expected_version=web.if_match(), changes=changes)
    return web.write(commands.update_task, command)


@blueprint.delete("/<uuid:task_id>")
@blueprint.response(200, TaskOut)
def archive_task(task_id: UUID) -> Response:
    """Archive a task."""
    web.read("task", task_id)
    command = commands.ArchiveTask(task_id=task_id, expected_version=web.if_match())
    return web.write(commands.archive_task, command)


@blueprint.put("/<uuid:task_id>/restoration")
@blueprint.response(200, TaskOut)
def restore_task(task_id: UUID) -> Response:
    """Bring an archived task back."""
    web.read("task", task_id)
    command = commands.RestoreTask(task_id=task_id, expected_version=web.if_match())
    return web.write(commands.restore_task, command)


@blueprint.put("/<uuid:task_id>/completion")
@blueprint.response(200, TaskOut)
@web.needs("update", changes=("status",))
def complete_task(task_id: UUID) -> Response:
    """Say that a task is done."""
    web.read("task", task_id)
    command = commands.CompleteTask(task_id=task_id, expected_version=web.if_match())
    return web.write(commands.complete_task, command)


@blueprint.put("/<uuid:task_id>/place")
@blueprint.arguments(PlaceIn)
@blueprint.response(200, TaskOut)
def place_task(fields: Fields, task_id: UUID) -> Response:
    """Put a task into a column of a board, or take it off."""
    web.read("task", task_id)
    command = commands.PlaceTask(
        task_id=task_id, expected_version=web.if_match(), who=web.principal(), **fields
    )
    return web.write(commands.place_task, command)


@blueprint.post("/batch")
@blueprint.arguments(batches.EVERY_OPERATION)
@blueprint.response(207, BatchOut)
def change_tasks(batch: Fields) -> Response:
    """Create, update and archive up to 500 tasks."""
    return web.write_batch(batches.operations(batch, Task, _BUILDERS))


_BUILDERS = {
    "create": batches.creating(
        commands.create_task,
        TaskIn(),
        lambda fields: commands.CreateTask(fields=owned(fields), who=web.principal()),
    ),
    "update": batches.updating(
        commands.update_task,
        TaskPatchIn(),
        lambda record_id, version, changes: commands.UpdateTask(
            task_id=record_id, expected_version=version, changes=changes
        ),
    ),
    "archive": batches.archiving(
        commands.archive_task,
        lambda record_id, version: commands.ArchiveTask(
            task_id=record_id, expected_version=version
        ),
    ),
}
