"""Documents: all of them by kind, state, folder and last day, and on the customer page."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from flask import Blueprint, Response, redirect, request, url_for

from crm_chassis import clock, web
from crm_gateway.console import asking, customers
from crm_gateway.console import pages as rendering

KINDS = ("contract", "proposal", "quote", "invoice", "nda", "other")
STATUSES = ("draft", "active", "signed", "expired", "cancelled")
EXPIRY = {"": "Any", "past": "Is over", "30": "Within 30 days", "90": "Within 90 days"}
PAGE_SIZE = 50
_TEXTS = {"title": "title", "document_kind": "kind", "folder": "folder", "valid_to": "valid_to"}
_SORTS = {"-created_at": "Newest first", "title": "Title", "-updated_at": "Changed last"}

pages = Blueprint("documents", __name__)


@pages.get("/documents")
def index() -> Response:
    """List all documents."""
    return _listed()


@pages.post("/documents")
@web.takes_form
def upload() -> Any:
    """Hand a file on that belongs to nobody in particular."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _listed(rendering.draft("document", "Choose a file first."), 422)
    outcome = asking.send("contacts", "/v1/documents", file, _fields())
    if not outcome.is_good:
        return _listed(rendering.draft("document", outcome.reason), outcome.status)
    return redirect(url_for(".index", _anchor=f"document-{outcome.body['id']}"), 303)


@pages.post("/customers/<uuid:customer_id>/documents")
@web.takes_form
def add(customer_id: UUID) -> Any:
    """Hand a file on, and show the customer with it."""
    file, given = request.files.get("file"), request.form
    if file is None or not file.filename:
        draft = rendering.draft("document", "Choose a file first.")
        return customers.shown(customer_id, draft=draft, status=422)
    kind = "account" if given.get("kind") == "account" else "contact"
    subjects = [{"type": kind, "id": str(customer_id)}]
    fields = {**_fields(), "subjects": orjson.dumps(subjects).decode()}
    outcome = asking.send("contacts", "/v1/documents", file, fields)
    return customers.written(customer_id, "document", outcome)


@pages.get("/documents/<uuid:document_id>/file")
def fetch(document_id: UUID) -> Response:
    """Fetch the newest version's content."""
    return asking.fetch("contacts", f"/v1/documents/{document_id}/content")


def _fields() -> dict[str, str]:
    given = request.form
    return {name: given[field] for field, name in _TEXTS.items() if given.get(field)}


def _listed(draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200) -> Response:
    given = {
        name: request.args.get(name, "").strip()[:200]
        for name in ("q", "kind", "status", "folder", "until", "sort")
    }
    sort = given["sort"] if given["sort"] in _SORTS else "-created_at"
    outcome = asking.read(
        "contacts", "/v1/documents", q=given["q"], kind=given["kind"], status=given["status"],
        folder=given["folder"], valid_before=_before(given["until"]), sort=sort, limit=PAGE_SIZE,
        cursor=request.args.get("cursor"),
    )  # fmt: skip
    folders = asking.read("contacts", "/v1/documents/folders")
    found = outcome.body.get("items", []) if outcome.is_good else []
    subjects = {each["id"] for document in found for each in document["subjects"]}
    return rendering.page(
        "documents.html", status=status, draft=draft, outcome=outcome, documents=found,
        asked=given, is_asked=any(value for name, value in given.items() if name != "sort"),
        folders=[each for each in folders.body.get("items", []) if each["folder"]],
        kinds=KINDS, statuses=STATUSES, expiry=EXPIRY, sorts=_SORTS, sort=sort,
        names=rendering.titles(subjects), next=outcome.body.get("next"),
    )  # fmt: skip


def _before(until: str) -> str:
    """Return the day before which the last day is to be, as the API takes it."""
    if until not in EXPIRY or not until:
        return ""
    days = 0 if until == "past" else int(until)
    return (clock.now().date() + timedelta(days=days)).isoformat()
