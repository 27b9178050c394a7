"""Segments in JSON."""

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, post_load, validate

from crm_chassis.web import Name, RecordOut
from crm_marketing.commands.segments import CreateSegment
from crm_marketing.model.values import SegmentType
from crm_marketing.schemas.values import SearchIn, visibility

MOST_MEMBERS = 1000


def contact_ids(**options: Any) -> fields.List[UUID]:
    """Ids of contacts."""
    return fields.List(fields.UUID(), validate=validate.Length(max=MOST_MEMBERS), **options)


class SegmentIn(Schema):
    """A new segment: dynamic with a predicate, or static with members."""

    name = Name(required=True)
    type = fields.Enum(SegmentType, by_value=True, load_default=SegmentType.DYNAMIC)
    predicate = fields.Dict(keys=fields.String(), allow_none=True)
    member_ids = contact_ids()
    owner_id = fields.UUID(allow_none=True)
    team_id = fields.UUID(allow_none=True)
    visibility = visibility()

    @post_load
    def build(self, loaded: dict[str, Any], **_: Any) -> CreateSegment:
        return CreateSegment(**loaded | {"member_ids": tuple(loaded.get("member_ids", ()))})


class SegmentPatch(Schema):
    """What to change."""

    name = Name()
    predicate = fields.Dict(keys=fields.String())
    owner_id = fields.UUID(allow_none=True)
    team_id = fields.UUID(allow_none=True)
    visibility = visibility()


class MembersIn(Schema):
    """Who comes and who goes."""

    add = contact_ids()
    remove = contact_ids()

    @post_load
    def build(self, loaded: dict[str, Any], **_: Any) -> dict[str, tuple[UUID, ...]]:
        return {name: tuple(given) for name, given in loaded.items()}


class PreviewIn(Schema):
    """A predicate to try."""

    predicate = fields.Dict(keys=fields.String(), required=True)


class PreviewOut(Schema):
    """How many contacts it means, and some of them."""

    count = fields.Integer(required=True)
    sample_ids = fields.List(fields.UUID(), required=True)


class SegmentQuery(SearchIn):
    """Filters of the list of segments."""

    type = fields.Enum(SegmentType, by_value=True)


class SegmentOut(RecordOut):
    """A segment as it is published."""

    name = fields.String(required=True)
    type = fields.Enum(SegmentType, by_value=True, required=True)
    predicate = fields.Dict(required=True, allow_none=True)
    snapshot_of_id = fields.UUID(required=True, allow_none=True)


class SnapshotIn(Schema):
    """A snapshot to take; without a name it is called after its segment and the day."""

    name = Name()


class SizesIn(Schema):
    """Query parameters of the sizes of a segment."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    cursor = fields.Integer(load_default=None, validate=validate.Range(1, 2**62))


class SizeOut(Schema):
    """How many were in a segment from an instant on."""

    at = fields.AwareDateTime(required=True)
    size = fields.Integer(required=True)


class SizesOut(Schema):
    """A page of sizes, the last first."""

    items = fields.List(fields.Nested(SizeOut), required=True)
    next = fields.String(required=True, allow_none=True)


class SegmentTallyOut(RecordOut):
    """How many contacts are in a segment."""

    segment_id = fields.UUID(required=True)
    size = fields.Integer(required=True)
