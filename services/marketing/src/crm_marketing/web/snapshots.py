"""/v1/segments/{id}/snapshots and /sizes: what a segment was."""

from typing import Any
from uuid import UUID

import orjson
from flask import Response

from crm_chassis import web
from crm_chassis.paging import PageIn
from crm_chassis.web.blueprints import Blueprint
from crm_chassis.web.schemas import PageOut
from crm_marketing.commands import snapshots as commands
from crm_marketing.queries import lists
from crm_marketing.queries import snapshots as queries
from crm_marketing.schemas.segments import SegmentOut, SizesIn, SizesOut, SnapshotIn
from crm_marketing.web.listing import listing

snapshots = Blueprint(
    "snapshots",
    __name__,
    url_prefix="/v1/segments",
    description="What segments were",
    kind="segment",
)


@snapshots.get("/<uuid:segment_id>/snapshots")
@snapshots.arguments(PageIn, location="query")
@snapshots.response(200, PageOut)
def list_snapshots(wanted: dict[str, Any], segment_id: UUID) -> Response:
    """The snapshots of a segment, newest first."""
    web.read("segment", segment_id)
    return listing("segment", wanted, lists.snapshots(segment_id))


@snapshots.post("/<uuid:segment_id>/snapshots")
@snapshots.arguments(SnapshotIn)
@snapshots.response(201, SegmentOut)
def take_snapshot(given: dict[str, Any], segment_id: UUID) -> Response:
    """Remember who is in a segment now, as a static segment that fills within seconds."""
    web.read("segment", segment_id)
    command = commands.TakeSnapshot(segment_id=segment_id, **given)
    return web.write(commands.take_snapshot, command, status=201)


@snapshots.put("/<uuid:segment_id>/snapshots/<uuid:snapshot_id>/restoration")
@snapshots.response(200, SegmentOut)
def restore_snapshot(segment_id: UUID, snapshot_id: UUID) -> Response:
    """Give a static segment the members of a snapshot back; repeating it changes nothing."""
    for each in (segment_id, snapshot_id):
        web.read("segment", each)
    command = commands.RestoreSnapshot(segment_id=segment_id, snapshot_id=snapshot_id)
    return web.write(commands.restore_snapshot, command)


@snapshots.get("/<uuid:segment_id>/sizes")
@snapshots.arguments(SizesIn, location="query")
@snapshots.response(200, SizesOut)
def list_sizes(args: dict[str, Any], segment_id: UUID) -> Response:
    """How many were in a segment since when, the last count first.

    For who does not see everybody: of those they see, by when each last came and went.
    """
    web.read("segment", segment_id)
    who, asked = web.principal(), {"before": args["cursor"], "limit": args["limit"] + 1}
    with web.sessions()() as session:
        if who.is_admin:
            found = queries.sizes(session, segment_id, **asked)
        else:
            found = queries.sizes_seen(session, segment_id, who, **asked)
    shown = found[: args["limit"]]
    after = str(shown[-1]["place"]) if len(found) > len(shown) else None
    items = [{"at": each["at"], "size": each["size"] or 0} for each in shown]
    body = orjson.dumps({"items": items, "next": after}, option=orjson.OPT_UTC_Z)
    return Response(body, mimetype="application/json")
