"""Making two accounts one: which, with whose values."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for

from crm_gateway.console import asking, merging
from crm_gateway.console import pages as rendering

_MOST = 20

pages = Blueprint("account_merges", __name__)


@pages.get("/accounts/<uuid:account_id>/merge")
def show(account_id: UUID) -> Response:
    """Show accounts that may be the same one, or the one chosen beside this one."""
    return _shown(account_id)


@pages.post("/accounts/<uuid:account_id>/merge")
def merge(account_id: UUID) -> Any:
    """Make them one, with the values chosen."""
    outcome = merging.merge("account")
    if not outcome.is_good:
        draft = rendering.draft("merge", outcome.reason)
        return _shown(account_id, draft=draft, status=outcome.status)
    return redirect(url_for("console.duplicates.merged", merge_id=outcome.body["id"]), 303)


def _shown(
    account_id: UUID, *, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200
) -> Response:
    outcome = asking.read("contacts", f"/v1/accounts/{account_id}")
    mine, other_id = outcome.body, request.values.get("with", "")
    both: Sequence[merging.Record] = ()
    if outcome.is_good and other_id:
        other = asking.read("contacts", f"/v1/accounts/{other_id}")
        both = merging.survivor_first([mine, other.body]) if other.is_good else ()
    wanted = {each["parent_id"] for each in both if each["parent_id"]}
    foreseen = merging.preview("account", both)
    return rendering.page(
        "account_merge.html", status=status, draft=draft, outcome=outcome, mine=mine, both=both,
        other_id=other_id, rows=merging.differing("account", both, foreseen),
        foreseen=foreseen, names=rendering.titles(wanted),
        looked_for=request.args.get("q", ""),
        alike=_alike(mine) if outcome.is_good and not both else [],
    )  # fmt: skip


def _alike(mine: merging.Record) -> list[dict[str, Any]]:
    """Other accounts: those looked for, else those of the same domain, or with words of the name."""
    text = request.args.get("q", "")
    asked: list[dict[str, Any]] = [{"q": text or mine["name"]}]
    if not text and mine["domain"]:
        asked.insert(0, {"domain": mine["domain"]})
    found: dict[str, dict[str, Any]] = {}
    for query in asked:
        outcome = asking.read("contacts", "/v1/accounts", limit=_MOST, **query)
        found |= {each["id"]: each for each in outcome.body.get("items", ())}
    return [each for id_, each in found.items() if id_ != mine["id"]]
