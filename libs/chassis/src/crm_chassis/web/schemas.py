"""Fields and schemas every service's HTTP side shares."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

_EARLIEST, _LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
LARGEST_BATCH = 500


class Moment(fields.AwareDateTime):
    """An instant with its offset, kept as UTC; between 1900 and 2200."""

    def __init__(self, **options: Any) -> None:
        """Take marshmallow's field options."""
        super().__init__(format="iso", default_timezone=None, **options)

    def _deserialize(self, *arguments: Any, **options: Any) -> datetime:
        try:
            moment = super()._deserialize(*arguments, **options).astimezone(UTC)
        except OverflowError as error:
            raise self.make_error("invalid", input=arguments[0], obj_type="datetime") from error
        if not _EARLIEST <= moment < _LATEST:
            reason = "Must be between 1900 and 2200."
            raise ValidationError(reason)
        return moment


class Name(fields.String):
    """A short text: trimmed, not blank, at most `longest` characters."""

    def __init__(self, *, longest: int = 200, **options: Any) -> None:
        """Take marshmallow's field options."""
        super().__init__(validate=validate.Length(1, longest), **options)

    def _deserialize(self, *arguments: Any, **options: Any) -> str:
        return str(super()._deserialize(*arguments, **options)).strip()


class RecordOut(Schema):
    """What every record shows."""

    id = fields.UUID(required=True)
    public_no = fields.Integer(required=True)
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)
    created_by = fields.String(required=True)
    updated_by = fields.String(required=True)
    archived_at = fields.AwareDateTime(required=True, allow_none=True)
    owner_id = fields.UUID(required=True, allow_none=True)
    team_id = fields.UUID(required=True, allow_none=True)
    visibility = fields.String(required=True)


class OperationIn(Schema):
    """One operation of a batch; `body` is what the single request would carry."""

    op = fields.String(required=True)
    id = fields.UUID()
    version = fields.Integer()
    body = fields.Dict(keys=fields.String(), load_default=dict)


class OperationOut(Schema):
    """What became of one operation of a batch."""

    status = fields.Integer(required=True)
    id = fields.UUID()
    version = fields.Integer()
    warnings = fields.List(fields.Dict(keys=fields.String()))
    problem = fields.Dict(keys=fields.String())


class BatchOut(Schema):
    """What became of a batch, in the order of its operations."""

    items = fields.List(fields.Nested(OperationOut), required=True)


@cache
def batch_in(*operations: str) -> Schema:
    """Return the one schema of batches that allow these operations."""
    operation = OperationIn.from_dict(
        {"op": fields.String(required=True, validate=validate.OneOf(operations))},
        name="Operation" + "".join(op.title() for op in operations),
    )
    every = fields.List(
        fields.Nested(operation), required=True, validate=validate.Length(1, LARGEST_BATCH)
    )
    name = "Batch" + "".join(op.title() for op in operations)
    return Schema.from_dict({"operations": every}, name=name)()


class PageOut(Schema):
    """One page of a list."""

    items = fields.List(fields.Dict(keys=fields.String()), required=True)
    next = fields.String(required=True, allow_none=True)


class ProblemOut(Schema):
    """Why a request was refused (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True)
    request_id = fields.String(required=True)
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), required=True)
