"""/v1/pipelines."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from crm_chassis import web
from crm_chassis.web.blueprints import Blueprint
from crm_chassis.web.schemas import BatchOut, PageOut
from crm_sales import queries
from crm_sales.commands import pipelines as commands
from crm_sales.schemas.pipelines import PipelineIn, PipelineOut, PipelinePatch
from crm_sales.schemas.values import SearchIn

pipelines = Blueprint(
    "pipelines",
    __name__,
    url_prefix="/v1/pipelines",
    description="Pipelines and their stages",
    kind="pipeline",
)


@pipelines.get("")
@pipelines.arguments(SearchIn, location="query")
@pipelines.response(200, PageOut)
def list_pipelines(wanted: dict[str, Any]) -> Response:
    """Live pipelines, newest first."""
    return web.listing(
        queries.pipelines(wanted),
        kind="pipeline",
        id_column=queries.PIPELINE_ID,
        sorts=queries.PIPELINE_SORTS,
        args=wanted,
    )


@pipelines.post("")
@pipelines.arguments(PipelineIn)
@pipelines.response(201, PipelineOut)
def create_pipeline(command: commands.CreatePipeline) -> Response:
    """Create a pipeline with its stages."""
    return web.write(commands.create_pipeline, command, status=201)


@pipelines.post("/batch")
@pipelines.arguments(web.batch_in("create", "archive"))
@pipelines.response(207, BatchOut)
def batch_pipelines(batch: dict[str, Any]) -> Response:
    """Create or archive up to 500 pipelines; each stands or falls alone."""
    builders = {"create": _creation, "archive": _archiving}
    return web.write_batch(web.operations(batch, builders))


@pipelines.get("/<uuid:pipeline_id>")
@pipelines.response(200, PipelineOut)
def get_pipeline(pipeline_id: UUID) -> Response:
    """Return one pipeline."""
    return web.read("pipeline", pipeline_id)


@pipelines.patch("/<uuid:pipeline_id>")
@pipelines.arguments(PipelinePatch)
@pipelines.response(200, PipelineOut)
def update_pipeline(changes: dict[str, Any], pipeline_id: UUID) -> Response:
    """Change a pipeline; `stages` replaces the whole list."""
    command = commands.UpdatePipeline(
        pipeline_id=pipeline_id, expected_version=web.if_match(), **changes
    )
    return web.write(commands.update_pipeline, command)


@pipelines.delete("/<uuid:pipeline_id>")
@pipelines.response(200, PipelineOut)
def archive_pipeline(pipeline_id: UUID) -> Response:
    """Archive a pipeline nobody works in."""
    command = commands.ArchivePipeline(pipeline_id=pipeline_id, expected_version=web.if_match())
    return web.write(commands.archive_pipeline, command)


@pipelines.put("/<uuid:pipeline_id>/restoration")
@pipelines.response(200, PipelineOut)
def restore_pipeline(pipeline_id: UUID) -> Response:
    """Bring an archived pipeline back."""
    command = commands.RestorePipeline(pipeline_id=pipeline_id, expected_version=web.if_match())
    return web.write(commands.restore_pipeline, command)


def _creation(item: Any) -> web.Operation:
    return web.Operation(commands.create_pipeline, PipelineIn().load(item["body"]), status=201)


def _archiving(item: Any) -> web.Operation:
    pipeline_id, version = web.subject_of(item)
    command = commands.ArchivePipeline(
        pipeline_id=pipeline_id, expected_version=version, is_any_version=version is None
    )
    return web.Operation(commands.archive_pipeline, command)
