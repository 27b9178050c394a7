"""Pipelines in JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from crm_chassis.web import Name, RecordOut
from crm_sales.commands.pipelines import CreatePipeline
from crm_sales.model.pipeline import StagePlan
from crm_sales.model.values import StageCategory
from crm_sales.schemas.values import currency, probability

MOST_STAGES = 50


class StageIn(Schema):
    """A stage of a pipeline; `id` continues an existing one."""

    stage_id = fields.UUID(data_key="id")
    name = Name(required=True, longest=100)
    category = fields.Enum(StageCategory, by_value=True, load_default=StageCategory.OPEN)
    probability = probability(load_default=0)
    rot_days = fields.Integer(strict=True, allow_none=True, validate=validate.Range(1, 3650))

    @post_load
    def build(self, loaded: dict[str, Any], **_: Any) -> StagePlan:
        return StagePlan(**loaded)


class PipelineIn(Schema):
    """A new pipeline; without stages it gets the usual six."""

    name = Name(required=True)
    currency = currency()
    is_default = fields.Boolean()
    stages = fields.List(fields.Nested(StageIn), validate=validate.Length(1, MOST_STAGES))

    @post_load
    def build(self, loaded: dict[str, Any], **_: Any) -> CreatePipeline:
        if "stages" in loaded:
            loaded["stages"] = tuple(loaded["stages"])
        return CreatePipeline(**loaded)


class PipelinePatch(Schema):
    """What to change; `stages` is the whole new list, in order."""

    name = Name()
    currency = currency()
    is_default = fields.Boolean()
    stages = fields.List(fields.Nested(StageIn), validate=validate.Length(1, MOST_STAGES))

    @post_load
    def build(self, loaded: dict[str, Any], **_: Any) -> dict[str, Any]:
        if "stages" in loaded:
            loaded["stages"] = tuple(loaded["stages"])
        return loaded


class StageOut(Schema):
    """A stage as it is."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    position = fields.Integer(required=True)
    category = fields.String(required=True)
    probability = fields.String(required=True)
    rot_days = fields.Integer(required=True, allow_none=True)


class PipelineOut(RecordOut):
    """A pipeline as it is published."""

    name = fields.String(required=True)
    currency = fields.String(required=True, allow_none=True)
    is_default = fields.Boolean(required=True)
    stages = fields.List(fields.Nested(StageOut), required=True)
