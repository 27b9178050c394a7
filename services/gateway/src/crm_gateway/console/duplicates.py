"""The queue of contacts that may be one person, and making two of them one."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for

from crm_gateway.console import asking, merging
from crm_gateway.console import pages as rendering

STATUSES = ("open", "dismissed", "merged")
PAGE_SIZE = 50

pages = Blueprint("duplicates", __name__)


@pages.get("/duplicates")
def index() -> Response:
    """List pairs, the likeliest first."""
    status = request.args.get("status", "")
    status = status if status in STATUSES else STATUSES[0]
    outcome = asking.read(
        "contacts", "/v1/duplicates", status=status, limit=PAGE_SIZE,
        cursor=request.args.get("cursor"),
    )  # fmt: skip
    found = outcome.body.get("items", [])
    return rendering.page(
        "duplicates.html", pairs=found, outcome=outcome, chosen=status, statuses=STATUSES,
        next=outcome.body.get("next"),
        names=rendering.titles({pair[side] for pair in found for side in ("a_id", "b_id")}),
    )  # fmt: skip


@pages.post("/duplicates/<uuid:pair_id>/dismissal")
def dismiss(pair_id: UUID) -> Any:
    """Say that they are two people."""
    outcome = asking.write(
        "contacts", "PUT", f"/v1/duplicates/{pair_id}/dismissal",
        version=request.form.get("version"),
    )  # fmt: skip
    if not outcome.is_good:
        return _compared(
            pair_id, draft=rendering.draft("dismissal", outcome.reason), status=outcome.status
        )
    return redirect(url_for(".index"), 303)


@pages.get("/duplicates/<uuid:pair_id>")
def show(pair_id: UUID) -> Response:
    """Show two contacts side by side, and what merging them would do."""
    return _compared(pair_id)


@pages.post("/duplicates/<uuid:pair_id>/merge")
def merge(pair_id: UUID) -> Any:
    """Make them one, with the values chosen."""
    outcome = merging.merge("contact")
    if not outcome.is_good:
        draft = rendering.draft("merge", outcome.reason)
        return _compared(pair_id, draft=draft, status=outcome.status)
    return redirect(url_for(".merged", merge_id=outcome.body["id"]), 303)


@pages.get("/merges/<uuid:merge_id>")
def merged(merge_id: UUID) -> Response:
    """Show what a merge moved, and how to undo it."""
    return _merged(merge_id)


@pages.post("/merges/<uuid:merge_id>/undo")
def undo(merge_id: UUID) -> Any:
    """Make them two again."""
    outcome = asking.write("contacts", "DELETE", f"/v1/merges/{merge_id}")
    if not outcome.is_good:
        draft = rendering.draft("undo", outcome.reason)
        return _merged(merge_id, draft=draft, status=outcome.status)
    return redirect(url_for(".merged", merge_id=merge_id), 303)


def _compared(
    pair_id: UUID, *, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200
) -> Response:
    outcome = asking.read("contacts", f"/v1/duplicates/{pair_id}")
    pair = outcome.body
    both: list[merging.Record] = []
    if outcome.is_good:
        answers = [asking.read("contacts", f"/v1/contacts/{pair[s]}") for s in ("a_id", "b_id")]
        both = merging.survivor_first([each.body for each in answers if each.is_good])
    foreseen = merging.preview("contact", both) if pair.get("status") == "open" else None
    return rendering.page(
        "duplicate.html", status=status, draft=draft, outcome=outcome, pair=pair, both=both,
        rows=merging.differing("contact", both, foreseen), foreseen=foreseen,
        accounts=rendering.titles({id_ for each in both for id_ in each["account_ids"]}),
    )  # fmt: skip


def _merged(
    merge_id: UUID, *, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200
) -> Response:
    outcome = asking.read("contacts", f"/v1/merges/{merge_id}")
    found = outcome.body if outcome.is_good else {}
    wanted = {found.get("survivor_id"), *found.get("absorbed_ids", ())}
    return rendering.page(
        "merge.html", status=status, draft=draft, outcome=outcome, merge=found,
        names=rendering.titles(wanted),
    )  # fmt: skip
