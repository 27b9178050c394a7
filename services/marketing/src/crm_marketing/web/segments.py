"""/v1/segments."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response

from crm_chassis import clock, web
from crm_chassis.paging import PageIn
from crm_chassis.problems import Forbidden
from crm_chassis.web.blueprints import Blueprint
from crm_chassis.web.schemas import BatchOut, PageOut
from crm_marketing.commands import segments as commands
from crm_marketing.commands.changing import ANY_VERSION
from crm_marketing.model import predicate
from crm_marketing.model.segment import SegmentTally
from crm_marketing.queries import lists, members, own_fields
from crm_marketing.schemas.segments import (
    MembersIn,
    PreviewIn,
    PreviewOut,
    SegmentIn,
    SegmentOut,
    SegmentPatch,
    SegmentQuery,
    SegmentTallyOut,
)
from crm_marketing.web.listing import listing, shown_with

segments = Blueprint(
    "segments",
    __name__,
    url_prefix="/v1/segments",
    description="Segments: sets of contacts",
    kind="segment",
)

SAMPLE = 10


@segments.get("")
@segments.arguments(SegmentQuery, location="query")
@segments.response(200, PageOut)
def list_segments(wanted: dict[str, Any]) -> Response:
    """Live segments, newest first."""
    return listing("segment", wanted)


@segments.post("")
@segments.arguments(SegmentIn)
@segments.response(201, SegmentOut)
def create_segment(command: commands.CreateSegment) -> Response:
    """Create a segment."""
    _refuse_hidden({"predicate": command.predicate})
    return web.write(commands.create_segment, command, status=201)


@segments.post("/batch")
@segments.arguments(web.batch_in("create", "update", "archive"))
@segments.response(207, BatchOut)
def batch_segments(batch: dict[str, Any]) -> Response:
    """Create, update or archive up to 500 segments; each stands or falls alone."""
    builders = {"create": _creation, "update": _update, "archive": _archiving}
    return web.write_batch(web.operations(batch, builders))


@segments.get("/<uuid:segment_id>")
@segments.response(200, SegmentOut)
def get_segment(segment_id: UUID) -> Response:
    """Return one segment."""
    return web.read("segment", segment_id)


@segments.get("/<uuid:segment_id>/tally")
@segments.response(200, SegmentTallyOut)
def get_segment_tally(segment_id: UUID) -> Response:
    """Return how many contacts are in a segment, as last counted; of those one sees, counted now."""
    web.read("segment", segment_id)
    tally_id, who = SegmentTally.id_of(segment_id), web.principal()
    if who.is_admin:
        return web.read("segment_tally", tally_id)
    with web.sessions()() as session:
        size = members.size_of(session, segment_id, who)
    return shown_with("segment_tally", tally_id, {"size": size})


@segments.patch("/<uuid:segment_id>")
@segments.arguments(SegmentPatch)
@segments.response(200, SegmentOut)
def update_segment(changes: dict[str, Any], segment_id: UUID) -> Response:
    """Change fields of a segment."""
    _refuse_hidden(changes)
    command = commands.UpdateSegment(
        segment_id=segment_id, expected_version=web.if_match(), changes=changes
    )
    return web.write(commands.update_segment, command)


@segments.delete("/<uuid:segment_id>")
@segments.response(200, SegmentOut)
def archive_segment(segment_id: UUID) -> Response:
    """Archive a segment."""
    command = commands.ArchiveSegment(segment_id=segment_id, expected_version=web.if_match())
    return web.write(commands.archive_segment, command)


@segments.put("/<uuid:segment_id>/restoration")
@segments.response(200, SegmentOut)
def restore_segment(segment_id: UUID) -> Response:
    """Bring an archived segment back."""
    command = commands.RestoreSegment(segment_id=segment_id, expected_version=web.if_match())
    return web.write(commands.restore_segment, command)


@segments.post("/preview")
@segments.arguments(PreviewIn)
@segments.response(200, PreviewOut)
@web.needs("read")
def preview_segment(wanted: dict[str, Any]) -> dict[str, Any]:
    """Count the contacts you see that a predicate means, and name some; nothing is kept."""
    _refuse_hidden(wanted)
    with web.sessions()() as session:
        node = predicate.parse(wanted["predicate"], own_fields.known(session))
        count, sample = members.preview(
            session, node, web.principal(), now=clock.now(), sample=SAMPLE
        )
    return {"count": count, "sample_ids": sample}


@segments.get("/<uuid:segment_id>/members")
@segments.arguments(PageIn, location="query")
@segments.response(200, PageOut)
def list_members(wanted: dict[str, Any], segment_id: UUID) -> Response:
    """The stays in a segment that last, newest first."""
    web.read("segment", segment_id)
    return listing("segment_membership", wanted, lists.members(segment_id, web.principal()))


@segments.put("/<uuid:segment_id>/members")
@segments.arguments(MembersIn)
@segments.response(200, SegmentOut)
def change_members(wanted: dict[str, Any], segment_id: UUID) -> Response:
    """Name and unname members of a static segment; repeating it changes nothing."""
    return web.write(
        commands.change_members, commands.ChangeMembers(segment_id=segment_id, **wanted)
    )


def _refuse_hidden(fields: Mapping[str, Any]) -> None:
    """Whoever may not read a field of contacts may not ask for it either. Raises Forbidden."""
    hidden = web.principal().rights.hidden("contact")
    asked = predicate.contact_fields(fields.get("predicate")) & hidden if hidden else ()
    if asked:
        raise Forbidden(detail=f"hidden from you: {', '.join(sorted(asked))}")


def _creation(item: Mapping[str, Any]) -> web.Operation:
    _refuse_hidden(item["body"])
    return web.Operation(commands.create_segment, SegmentIn().load(item["body"]), status=201)


def _update(item: Mapping[str, Any]) -> web.Operation:
    segment_id, version = web.subject_of(item)
    _refuse_hidden(item["body"])
    changes = SegmentPatch().load(item["body"])
    command = commands.UpdateSegment(
        segment_id=segment_id, expected_version=version, changes=changes
    )
    return web.Operation(commands.update_segment, command)


def _archiving(item: Mapping[str, Any]) -> web.Operation:
    segment_id, version = web.subject_of(item)
    command = commands.ArchiveSegment(
        segment_id=segment_id, expected_version=ANY_VERSION if version is None else version
    )
    return web.Operation(commands.archive_segment, command)
