"""The queue of contacts that may be one person, and making two of them one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for

from crm_gateway.console import asking
from crm_gateway.console import pages as rendering

STATUSES = ("open", "dismissed", "merged")
PAGE_SIZE = 50
# Fields of which the survivor keeps one; whatever else there is several of is kept together.
FIELDS = (
    "first_name", "last_name", "job_title", "department", "birthday", "language", "time_zone",
    "lifecycle", "source", "addresses", "owner_id",
)  # fmt: skip

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
    given = request.form
    survivor, absorbed = given.get("survivor", ""), given.get("absorbed", "")
    choices = {name: given[f"choice.{name}"] for name in FIELDS if given.get(f"choice.{name}")}
    body = {"absorbed_ids": [absorbed], "choices": choices}
    outcome = asking.write(
        "contacts", "POST", f"/v1/contacts/{survivor}/merge", body, version=given.get("version")
    )
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
    pair, both = outcome.body, []
    if outcome.is_good:
        answers = [asking.read("contacts", f"/v1/contacts/{pair[s]}") for s in ("a_id", "b_id")]
        both = _survivor_first([each.body for each in answers if each.is_good])
    foreseen = _foreseen(both) if pair.get("status") == "open" else None
    return rendering.page(
        "duplicate.html", status=status, draft=draft, outcome=outcome, pair=pair, both=both,
        rows=_rows(both), foreseen=foreseen,
        accounts=rendering.titles({id_ for each in both for id_ in each["account_ids"]}),
    )  # fmt: skip


def _survivor_first(both: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The one asked for comes first, else the one that was there first; nobody compares with less."""
    wanted = request.values.get("survivor")
    ordered = sorted(both, key=lambda each: (each["id"] != wanted, each["created_at"], each["id"]))
    return ordered if len({each["id"] for each in both}) > 1 else []


def _rows(both: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Fields in which the two differ, each with both values and whose would be kept."""
    if not both:
        return []
    first, second = both
    rows = []
    for name in FIELDS:
        values = [each.get(name) for each in both]
        if values[0] != values[1]:
            chosen = request.form.get(f"choice.{name}")
            kept = chosen or (first if values[0] or not values[1] else second)["id"]
            rows.append({"name": name, "values": values, "kept": kept})
    return rows


def _foreseen(both: list[dict[str, Any]]) -> Mapping[str, Any] | None:
    """What moves in each service; None where it cannot be said."""
    if not both:
        return None
    survivor, absorbed = both
    body = {"absorbed_ids": [absorbed["id"]], "dry_run": True}
    outcome = asking.write(
        "contacts", "POST", f"/v1/contacts/{survivor['id']}/merge", body,
        version=str(survivor["version"]),
    )  # fmt: skip
    return outcome.body["moves"] if outcome.is_good else None


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
