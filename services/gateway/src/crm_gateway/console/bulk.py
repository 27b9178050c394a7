"""Doing one thing with several records of a list, and saying of each what became of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for

from crm_gateway.console import asking, lists, sheets
from crm_gateway.console import pages as rendering

_ALREADY = {"status": 200, "unchanged": True}
Record = Mapping[str, Any]

pages = Blueprint("bulk", __name__)


@pages.post('/<any("contacts", "accounts"):plural>/bulk')
def change(plural: str) -> Any:
    """Tag, assign, archive or export what is chosen."""
    sheet, action = sheets.SHEETS[plural], request.form.get("action", "")
    wanted = list(dict.fromkeys(request.form.getlist("id")))[: sheets.PAGE_SIZE * 4]
    reason = _missing(sheet, action, wanted)
    if reason:
        return lists.listed(sheet, draft=rendering.draft("bulk", reason), status=422)
    if action == "export":
        return _exported(sheet, wanted)
    outcome = asking.read("contacts", f"/v1/{plural}", ids=",".join(wanted), limit=200)
    records = outcome.body.get("items", []) if outcome.is_good else []
    operations = [_operation(each, action) for each in records]
    results = _sent(sheet, operations) if any(operations) else outcome
    return rendering.page(
        "bulk.html", sheet=sheet, action=action, outcome=results,
        rows=_rows(records, operations, results), missing=len(wanted) - len(records),
        back=request.form.get("back", ""), status=200 if results.is_good else results.status,
    )  # fmt: skip


def _missing(sheet: sheets.Sheet, action: str, wanted: Sequence[str]) -> str:
    """Return what is still to be said before anything can be done."""
    if action not in sheet.batch_fields:
        return "Choose what to do."
    if not wanted:
        return "Choose at least one line first."
    if action in {"tag", "untag"} and not request.form.get("tag", "").strip():
        return "Type the tag."
    return ""


def _operation(record: Record, action: str) -> dict[str, Any] | None:
    """Return the batch's operation on a record; None where it is as wanted already."""
    if action == "archive":
        return {"op": "archive", "id": record["id"], "version": record["version"]}
    body = _changed(record, action)
    if not body:
        return None
    return {"op": "update", "id": record["id"], "version": record["version"], "body": body}


def _changed(record: Record, action: str) -> dict[str, Any]:
    if action == "assign":
        owner_id = request.form.get("assignee_id") or None
        return {} if owner_id == record["owner_id"] else {"owner_id": owner_id}
    tag = request.form["tag"].strip()
    others = [each for each in record["tags"] if each != tag]
    tags = [*others, tag] if action == "tag" else others
    return {} if sorted(tags) == sorted(record["tags"]) else {"tags": tags}


def _sent(sheet: sheets.Sheet, operations: Sequence[Any]) -> asking.Outcome:
    body = {"operations": [each for each in operations if each]}
    return asking.write("contacts", "POST", f"/v1/{sheet.plural}/batch", body)


def _rows(
    records: Sequence[Record], operations: Sequence[Any], outcome: asking.Outcome
) -> list[dict[str, Any]]:
    """Return each record with what became of it."""
    answers = iter(outcome.body.get("items", []) if outcome.is_good else [])
    results = [next(answers, None) if each else _ALREADY for each in operations]
    return [
        {"record": record, "result": result, "reason": _reason(result)}
        for record, result in zip(records, results, strict=True)
        if result is not None
    ]


def _reason(result: Mapping[str, Any]) -> str:
    problem = result.get("problem")
    if problem is None:
        return ""
    return asking.Outcome(status=int(result["status"]), body=problem, service="contacts").reason


def _exported(sheet: sheets.Sheet, wanted: Sequence[str]) -> Response | Any:
    body = {"format": "csv", "filter": {"ids": ",".join(wanted)}}
    outcome = asking.write("contacts", "POST", "/v1/exports", body)
    if not outcome.is_good:
        draft = rendering.draft("bulk", outcome.reason)
        return lists.listed(sheet, draft=draft, status=outcome.status)
    return redirect(url_for("console.exports.show", export_id=outcome.body["id"]), 303)
