"""Making, changing and putting away segments; naming the members of one that is a plain list."""

from typing import Any
from uuid import UUID

import orjson
from flask import Blueprint, Response, redirect, request, url_for

from crm_chassis import web
from crm_gateway.console import asking, conditions, own_fields, segments
from crm_gateway.console import pages as rendering
from crm_gateway.console.finding import Unclear, contact_named
from crm_gateway.console.house import house

SPARE_ROWS = 2
_PATH = "/v1/segments"
_FORM = "segment"

pages = Blueprint("segment_forms", __name__, url_prefix="/segments")


@pages.get("/new")
def new() -> Response:
    """Show the empty form."""
    return _form(None, {"type": "dynamic", "group": "all"}, [])


@pages.post("/new")
def create() -> Any:
    """Make a segment, or show who would be in it."""
    return _posted(None)


@pages.get("/<uuid:segment_id>/edit")
def edit(segment_id: UUID) -> Response:
    """Show the form of a segment."""
    outcome = asking.read("marketing", f"{_PATH}/{segment_id}")
    segment = outcome.body
    if not outcome.is_good:
        return rendering.page("segment_form.html", status=outcome.status, outcome=outcome)
    names = {**house().names, **rendering.titles(conditions.named_in(segment["predicate"]))}
    known = conditions.rows_of(segment["predicate"], _fields(), names)
    group, rows = known or ("all", [])
    advanced = "" if known else conditions.said(segment["predicate"], deep=True)
    kept = {"name": segment["name"], "type": segment["type"], "group": group, "json": advanced}
    return _form(segment, kept, rows)


@pages.post("/<uuid:segment_id>/edit")
def save(segment_id: UUID) -> Any:
    """Change a segment, or show who would be in it."""
    outcome = asking.read("marketing", f"{_PATH}/{segment_id}")
    if not outcome.is_good:
        return rendering.page("segment_form.html", status=outcome.status, outcome=outcome)
    return _posted(outcome.body)


@pages.post("/<uuid:segment_id>/<any(archive, restoration):verb>")
def move(segment_id: UUID, verb: str) -> Any:
    """Put a segment away, or bring it back."""
    method, part = ("DELETE", "") if verb == "archive" else ("PUT", "/restoration")
    path, version = f"{_PATH}/{segment_id}{part}", request.form.get("version")
    return _moved(segment_id, asking.write("marketing", method, path, version=version))


@pages.post("/<uuid:segment_id>/members")
def change_members(segment_id: UUID) -> Any:
    """Add somebody by name, or take somebody out."""
    given = request.form
    body: dict[str, Any] = {"remove": [given.get("remove", "")]}
    if typed := given.get("who", "").strip():
        try:
            body = {"add": [contact_named(typed)["id"]]}
        except Unclear as unclear:
            named = ", ".join(each["name"] for each in unclear.found)
            reason = unclear.reason + (f" — type one of {named}" if named else "")
            return _refused(segment_id, reason, 422)
    outcome = asking.write("marketing", "PUT", f"{_PATH}/{segment_id}/members", body)
    return _moved(segment_id, outcome)


def _moved(segment_id: UUID, outcome: asking.Outcome) -> Any:
    if not outcome.is_good:
        return _refused(segment_id, outcome.reason, outcome.status)
    return redirect(url_for("console.segments.show", segment_id=segment_id), 303)


def _refused(segment_id: UUID, reason: str, status: int) -> Response:
    return segments.shown(segment_id, rendering.draft("members", reason), status)


def _posted(segment: dict[str, Any] | None) -> Any:
    given, rows = request.form, conditions.rows_typed(request.form)
    is_dynamic = (segment or given).get("type") == "dynamic"
    if given.get("then") == "rows":
        return _form(segment, given, rows, spare=SPARE_ROWS + 3)
    try:
        predicate = _predicate(rows) if is_dynamic else None
    except conditions.Untold as error:
        return _form(segment, given, rows, reason=str(error), status=422)
    if given.get("then") == "preview" and predicate:
        return _previewed(segment, rows, predicate)
    done = _written(segment, predicate)
    if not done.is_good:
        return _form(segment, given, rows, reason=done.reason, status=done.status)
    return redirect(url_for("console.segments.show", segment_id=done.body["id"]), 303)


def _predicate(rows: list[conditions.Row]) -> dict[str, Any]:
    """What the form means: its JSON if there is any, else its rows. Raises Untold."""
    given = request.form
    if not (text := given.get("json", "").strip()):
        return conditions.predicate_of(rows, given.get("group", ""), _fields(), house().active)
    try:
        found = orjson.loads(text)
    except ValueError as error:
        raise conditions.Untold(f"The predicate is no JSON: {error}.") from error
    if not isinstance(found, dict):
        raise conditions.Untold("The predicate is an object, like {“all”: […]}.")
    return found


def _written(segment: dict[str, Any] | None, predicate: dict[str, Any] | None) -> asking.Outcome:
    body: dict[str, Any] = {"name": request.form.get("name", "").strip()}
    body |= {"predicate": predicate} if predicate else {}
    if segment is None:
        body |= {"type": request.form.get("type", ""), "owner_id": str(web.principal().user_id)}
        return asking.write("marketing", "POST", _PATH, body)
    path = f"{_PATH}/{segment['id']}"
    return asking.write("marketing", "PATCH", path, body, version=request.form.get("version"))


def _previewed(
    segment: dict[str, Any] | None, rows: list[conditions.Row], predicate: dict[str, Any]
) -> Response:
    body = {"predicate": predicate}
    outcome = asking.write("marketing", "POST", f"{_PATH}/preview", body, once=False)
    if not outcome.is_good:
        return _form(segment, request.form, rows, reason=outcome.reason, status=outcome.status)
    return _form(segment, request.form, rows, preview=outcome.body)


def _form(
    segment: dict[str, Any] | None, given: Any, rows: list[conditions.Row], *, reason: str = "",
    status: int = 200, preview: dict[str, Any] | None = None, spare: int = SPARE_ROWS,
) -> Response:  # fmt: skip
    sample = (preview or {}).get("sample_ids", [])
    return rendering.page(
        "segment_form.html", status=status, outcome=None, segment=segment, given=given,
        rows=[*rows, *[conditions.Row()] * spare], reason=reason, preview=preview, sample=sample,
        names=rendering.titles(set(sample)), fields=_fields(), ops=conditions.OPS,
        draft=rendering.Draft(_FORM, reason) if reason else rendering.NO_DRAFT,
    )  # fmt: skip


def _fields() -> dict[str, tuple[str, str]]:
    return conditions.fields_of(own_fields.known("contact"))
