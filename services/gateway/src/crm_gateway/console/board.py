"""The pipeline board: deals by stage, moved by hand, by key or by a form."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, redirect, request, session, url_for

from crm_gateway.console import asking
from crm_gateway.console import pages as rendering
from crm_gateway.queries import view

PER_STAGE = 50

pages = Blueprint("board", __name__)


@pages.get("/deals")
def first() -> Any:
    """Go to the default pipeline."""
    outcome = asking.read("sales", "/v1/pipelines", limit=200)
    found = outcome.body.get("items", [])
    if not found:
        return rendering.page("board.html", pipeline=None, outcome=outcome, columns=[])
    chosen = next((each for each in found if each["is_default"]), found[0])
    return redirect(url_for(".show", pipeline_id=chosen["id"]), 303)


@pages.get("/pipelines/<uuid:pipeline_id>/board")
def show(pipeline_id: UUID) -> Response:
    """Show a pipeline's deals by stage."""
    return _board(pipeline_id)


@pages.post("/deals/<uuid:deal_id>/move")
def move(deal_id: UUID) -> Any:
    """Move a deal to another stage, if nobody changed it meanwhile."""
    given = request.form
    body = {"stage_id": given.get("stage_id", "")}
    if given.get("reason", "").strip():
        body["reason"] = given["reason"].strip()
    transition = "stage" if given.get("status", "open") == "open" else "reopening"
    path = f"/v1/deals/{deal_id}/{transition}"
    outcome = asking.write("sales", "PUT", path, body, version=given.get("version"))
    pipeline_id = given.get("pipeline_id", type=UUID) or abort(422)
    if rendering.wants_fragment():
        return _in_place(deal_id, pipeline_id, outcome)
    if not outcome.is_good:
        return _board(pipeline_id, reason=outcome.reason, status=outcome.status)
    session["moved"] = outcome.written
    place = url_for(".show", pipeline_id=pipeline_id, _anchor=f"deal-{deal_id}")
    return redirect(place, 303)


def _board(pipeline_id: UUID, *, reason: str = "", status: int = 200) -> Response:
    pulse = _pulse(pipeline_id)
    if rendering.is_live(pulse):
        return rendering.unchanged(pulse)
    outcome = asking.read("sales", f"/v1/pipelines/{pipeline_id}")
    others = asking.read("sales", "/v1/pipelines", limit=200, sort="name")
    pipeline = outcome.body if outcome.is_good else None
    columns = _columns(pipeline, session.pop("moved", "")) if pipeline else []
    return rendering.page(
        "board.html", status=status, pipeline=pipeline, outcome=outcome, columns=columns,
        reason=reason, pipelines=others.body.get("items", []), names=_names(columns),
        live=pulse if pipeline else None,
        stages=pipeline["stages"] if pipeline else [],
    )  # fmt: skip


def _pulse(pipeline_id: UUID) -> list[Any]:
    """Return what changes with every change of the board's deals: an open one asks every 2 s.

    Deals are sales', their sums the view's, which follows: so it is what both say.
    """
    newest = asking.read("sales", "/v1/deals", pipeline_id=pipeline_id, sort="-updated_at", limit=1)
    deals = [(each["id"], each["version"]) for each in newest.body.get("items", [])]

    def look(connection: Any) -> list[int]:
        known = [view.record_version(connection, "deal", UUID(id_)) for id_, _ in deals]
        return [view.live_number(connection, "deal"), *known]

    return [newest.status, deals, rendering.viewer().read(look)]


def _in_place(deal_id: UUID, pipeline_id: UUID, outcome: asking.Outcome) -> Response:
    """Answer our script: the card as it is now, the sums, and the reason of a refusal."""
    deal = outcome.body if outcome.is_good else asking.read("sales", f"/v1/deals/{deal_id}").body
    pipeline = asking.read("sales", f"/v1/pipelines/{pipeline_id}").body
    column: dict[str, Any] = {
        "stage": None,
        "deals": [deal] if "id" in deal else [],
        "next": None,
        "sums": {},
    }
    sums = _sums(pipeline_id, outcome.written)
    html = rendering.block(
        "board.html", "moved", columns=[column], names=_names([column]), sums=sums,
        stages=pipeline.get("stages", []), pipeline=pipeline,
        reason="" if outcome.is_good else outcome.reason,
    )  # fmt: skip
    return Response(html, status=outcome.status, mimetype="text/html")


def _columns(pipeline: Mapping[str, Any], written: str) -> list[dict[str, Any]]:
    sums = _sums(pipeline["id"], written)
    return [_column(pipeline["id"], stage, sums) for stage in pipeline["stages"]]


def _column(pipeline_id: str, stage: Mapping[str, Any], sums: Mapping[str, Any]) -> dict[str, Any]:
    is_paged = request.args.get("stage") == stage["id"]
    outcome = asking.read(
        "sales", "/v1/deals", pipeline_id=pipeline_id, stage_id=stage["id"], limit=PER_STAGE,
        cursor=request.args.get("cursor") if is_paged else None,
    )  # fmt: skip
    return {
        "stage": stage,
        "deals": outcome.body.get("items", []),
        "next": outcome.body.get("next"),
        "sums": sums,
        "reason": "" if outcome.is_good else outcome.reason,
    }


def _sums(pipeline_id: Any, written: str) -> dict[str, dict[str, Any]]:
    """Return by stage how many deals there are and what they are worth, once `written` is in."""
    viewer = rendering.viewer()
    viewer.behind(written)
    rows = viewer.read(
        lambda connection: view.stage_sums(connection, pipeline_id, seen=rendering.seen())
    )
    sums: dict[str, dict[str, Any]] = {}
    for stage_id, currency, count, amount in rows:
        found = sums.setdefault(stage_id, {"count": 0, "amounts": []})
        found["count"] += count
        if currency:
            found["amounts"].append({"amount": str(amount), "currency": currency})
    return sums


def _names(columns: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    deals = [deal for column in columns for deal in column["deals"]]
    keys = ("primary_contact_id", "account_id")
    return rendering.titles({deal[key] for deal in deals for key in keys})
