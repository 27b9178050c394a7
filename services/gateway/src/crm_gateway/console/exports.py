"""People in a file, for whoever may take them out."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for

from crm_gateway.console import asking
from crm_gateway.console import pages as rendering

FORMATS = {"csv": "Table (CSV)", "vcard": "Address cards (vCard)"}

pages = Blueprint("exports", __name__)


@pages.post("/exports")
def ask() -> Any:
    """Have all contacts written to a file."""
    body = {"format": request.form.get("format", "csv")}
    outcome = asking.write("contacts", "POST", "/v1/exports", body)
    if not outcome.is_good:
        return rendering.page(
            "export.html", status=outcome.status, export=None, outcome=outcome, job={}
        )
    return redirect(url_for(".show", export_id=outcome.body["id"]), 303)


@pages.get("/exports/<uuid:export_id>")
def show(export_id: UUID) -> Response:
    """Show how far a file is; when it is written, offer it."""
    outcome = asking.read("contacts", f"/v1/exports/{export_id}")
    export = outcome.body if outcome.is_good else None
    job = {}
    if export is not None:
        job = asking.read("contacts", f"/v1/jobs/contacts/{export['job_id']}").body
    return rendering.page("export.html", export=export, outcome=outcome, job=job)


@pages.get("/exports/<uuid:export_id>/file")
def fetch(export_id: UUID) -> Response:
    """Fetch the file."""
    return asking.fetch("contacts", f"/v1/exports/{export_id}/file")
