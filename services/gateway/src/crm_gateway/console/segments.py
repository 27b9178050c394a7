"""Segments: how many are in them and who, since when, and what they were."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for

from crm_gateway.console import asking
from crm_gateway.console import pages as rendering

PAGE_SIZE, MEMBERS_SHOWN, SIZES_SHOWN, SNAPSHOTS_SHOWN = 50, 50, 30, 50

pages = Blueprint("segments", __name__)


@pages.get("/segments")
def index() -> Response:
    """List segments with how many are in them."""
    asked = {name: request.args.get(name, "").strip()[:200] for name in ("q", "type")}
    outcome = asking.read(
        "marketing", "/v1/segments", limit=PAGE_SIZE, cursor=request.args.get("cursor"), **asked
    )
    found = outcome.body.get("items", []) if outcome.is_good else []
    return rendering.page(
        "segments.html", outcome=outcome, segments=found, asked=asked,
        sizes={each["id"]: _tally(each["id"]) for each in found},
        next=outcome.body.get("next"),
    )  # fmt: skip


@pages.get("/segments/<uuid:segment_id>")
def show(segment_id: UUID) -> Response:
    """Show a segment."""
    return shown(segment_id)


@pages.post("/segments/<uuid:segment_id>/snapshots")
def take_snapshot(segment_id: UUID) -> Any:
    """Remember who is in it now."""
    name = request.form.get("name", "").strip()
    path = f"/v1/segments/{segment_id}/snapshots"
    outcome = asking.write("marketing", "POST", path, {"name": name} if name else {})
    return _done(segment_id, outcome)


@pages.post("/segments/<uuid:segment_id>/snapshots/<uuid:snapshot_id>/restoration")
def restore(segment_id: UUID, snapshot_id: UUID) -> Any:
    """Give it the members of a snapshot back."""
    path = f"/v1/segments/{segment_id}/snapshots/{snapshot_id}/restoration"
    outcome = asking.write("marketing", "PUT", path, version=request.form.get("version"))
    return _done(segment_id, outcome)


def _done(segment_id: UUID, outcome: asking.Outcome) -> Any:
    if not outcome.is_good:
        draft = rendering.draft("snapshot", outcome.reason)
        return shown(segment_id, draft, outcome.status)
    return redirect(url_for(".show", segment_id=segment_id, _anchor="snapshots"), 303)


def _tally(segment_id: object) -> int | None:
    """How many are in it; None where that is not known yet."""
    outcome = asking.read("marketing", f"/v1/segments/{segment_id}/tally")
    return outcome.body.get("size") if outcome.is_good else None


def shown(
    segment_id: UUID, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200
) -> Response:
    """Show a segment, with a form that was refused."""
    path = f"/v1/segments/{segment_id}"
    outcome = asking.read("marketing", path)
    segment = outcome.body if outcome.is_good else None
    members = asking.read(
        "marketing", f"{path}/members", limit=MEMBERS_SHOWN, cursor=request.args.get("cursor")
    )
    sizes = asking.read("marketing", f"{path}/sizes", limit=SIZES_SHOWN)
    snapshots = asking.read("marketing", f"{path}/snapshots", limit=SNAPSHOTS_SHOWN)
    within = members.body.get("items", [])
    found = {
        "segment": segment, "members": within, "sizes": sizes.body.get("items", []),
        "snapshots": snapshots.body.get("items", []), "next": members.body.get("next"),
        "size": _tally(segment_id) if segment else None,
        "names": rendering.titles({each["contact_id"] for each in within}),
    }  # fmt: skip
    return rendering.page(
        "segment.html", status=status if outcome.is_good else outcome.status, draft=draft,
        outcome=outcome, live=found if segment else None, **found,
    )  # fmt: skip
