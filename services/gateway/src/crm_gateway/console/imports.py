"""Bringing people in from a file: send it, look what it means, take it over, undo that."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for

from crm_chassis import web
from crm_gateway.console import asking, own_fields
from crm_gateway.console import pages as rendering

SHOWN_ROWS, PAGE_SIZE = 12, 30
_IGNORE = "ignore"
FIELDS = {
    "first_name": "First name", "last_name": "Last name", "name": "Whole name",
    "middle_name": "Middle name", "emails": "E-mail", "emails.work": "E-mail, work",
    "emails.home": "E-mail, home", "phones": "Telephone", "phones.work": "Telephone, work",
    "phones.mobile": "Telephone, mobile", "phones.home": "Telephone, home",
    "company": "Company", "domain": "Company's web domain", "job_title": "Job title",
    "department": "Department", "birthday": "Birthday", "lifecycle": "Lifecycle",
    "tags": "Tags", "do_not_call": "Do not call", "language": "Language",
    "time_zone": "Time zone", "external_id": "Id in the other system",
    "address.main.street": "Street", "address.main.city": "City",
    "address.main.region": "Region", "address.main.postcode": "Postcode",
    "address.main.country": "Country",
}  # fmt: skip
MODES = {
    "create": "Add those who are not there yet",
    "update": "Only add to those who are there",
    "upsert": "Add and update",
}
LOOK_ALIKES = {
    "policy": "As the company's rule says", "refuse": "Refuse them",
    "create": "Take them up all the same", "update": "Take them for who they look like",
}  # fmt: skip
DATES = {"day-month-year": "Day first (31/12)", "month-day-year": "Month first (12/31)"}

pages = Blueprint("imports", __name__)


@pages.get("/imports")
def index() -> Response:
    """Send a file; look at those that came before."""
    return _listed()


@pages.post("/imports")
@web.takes_form
def send() -> Any:
    """Hand a file on, and show what it means."""
    file = request.files.get("file")
    if file is None or not file.filename:
        draft = rendering.draft("file", "Choose a file first.")
        return _listed(draft=draft, status=422)
    outcome = asking.send("contacts", "/v1/imports?preview=true", file, {})
    if not outcome.is_good:
        return _listed(draft=rendering.draft("file", outcome.reason), status=outcome.status)
    return redirect(url_for(".show", import_id=outcome.body["id"]), 303)


@pages.get("/imports/<uuid:import_id>")
def show(import_id: UUID) -> Response:
    """Show where an import stands and what can be done next."""
    return _shown(import_id)


@pages.post("/imports/<uuid:import_id>/start")
def start(import_id: UUID) -> Any:
    """Take the rows over as chosen, or look again first."""
    columns = asking.read("contacts", f"/v1/imports/{import_id}").body.get("columns", [])
    query = "?preview=true" if request.form.get("then") == "look" else ""
    outcome = asking.write(
        "contacts", "PUT", f"/v1/imports/{import_id}/start{query}", _settings(columns),
        version=request.form.get("version"),
    )  # fmt: skip
    return _answered(import_id, "start", outcome)


@pages.post("/imports/<uuid:import_id>/revert")
def revert(import_id: UUID) -> Any:
    """Undo what was done."""
    path = f"/v1/imports/{import_id}"
    outcome = asking.write("contacts", "DELETE", path, version=request.form.get("version"))
    return _answered(import_id, "revert", outcome)


@pages.get("/imports/<uuid:import_id>/refused")
def refused(import_id: UUID) -> Response:
    """Fetch the refused rows as a file."""
    return asking.fetch("contacts", f"/v1/imports/{import_id}/refused")


def _settings(columns: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    given = request.form
    mapping = {
        column["header"]: given.get(f"column-{index}") or _IGNORE
        for index, column in enumerate(columns)
        if column["header"]
    }
    chosen = {name: given[name] for name in ("mode", "duplicates", "date_order") if given.get(name)}
    return {**chosen, **({"mapping": mapping} if mapping else {})}


def _answered(import_id: UUID, form: str, outcome: asking.Outcome) -> Any:
    if not outcome.is_good:
        draft = rendering.draft(form, outcome.reason)
        return _shown(import_id, draft=draft, status=outcome.status)
    return redirect(url_for(".show", import_id=import_id), 303)


def _listed(*, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200) -> Response:
    outcome = asking.read(
        "contacts", "/v1/imports", limit=PAGE_SIZE, cursor=request.args.get("cursor")
    )
    return rendering.page(
        "imports.html", status=status, draft=draft, outcome=outcome,
        imports=outcome.body.get("items", []), next=outcome.body.get("next"),
    )  # fmt: skip


def _shown(
    import_id: UUID, *, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200
) -> Response:
    path = f"/v1/imports/{import_id}"
    outcome = asking.read("contacts", path)
    file = outcome.body if outcome.is_good else None
    values: dict[str, Any] = {"rows": [], "refusals": [], "job": {}}
    if file is not None:
        values = _parts(path, file)
    return rendering.page(
        "import.html", status=status, draft=draft, file=file, outcome=outcome, fields=_fields(),
        modes=MODES, look_alikes=LOOK_ALIKES, dates=DATES, **values,
    )  # fmt: skip


def _fields() -> dict[str, str]:
    """What a column may mean: our fields, and the company's own."""
    own = own_fields.known("contact")
    return FIELDS | {f"custom.{each['key']}": f"Own field: {each['label']}" for each in own}


def _parts(path: str, file: Mapping[str, Any]) -> dict[str, Any]:
    rows = asking.read("contacts", f"{path}/rows", limit=SHOWN_ROWS).body.get("items", [])
    wanted = "kept" if file["status"] == "reverted" else "refused"
    refusals = asking.read("contacts", f"{path}/rows", limit=SHOWN_ROWS, status=wanted).body
    job = asking.read("contacts", f"/v1/jobs/contacts/{file['job_id']}").body
    return {"rows": rows, "refusals": refusals.get("items", []), "job": job}
