"""Documents on the customer page: a file in, a file out."""

from typing import Any
from uuid import UUID

import orjson
from flask import Blueprint, Response, request

from crm_chassis import web
from crm_gateway.console import asking, customers
from crm_gateway.console import pages as rendering

pages = Blueprint("documents", __name__)
_TEXTS = {"title": "title", "document_kind": "kind", "folder": "folder", "valid_to": "valid_to"}


@pages.post("/customers/<uuid:customer_id>/documents")
@web.takes_form
def add(customer_id: UUID) -> Any:
    """Hand a file on, and show the customer with it."""
    file, given = request.files.get("file"), request.form
    if file is None or not file.filename:
        draft = rendering.draft("document", "Choose a file first.")
        return customers.shown(customer_id, draft=draft, status=422)
    fields = {name: given[field] for field, name in _TEXTS.items() if given.get(field)}
    kind = "account" if given.get("kind") == "account" else "contact"
    subjects = [{"type": kind, "id": str(customer_id)}]
    fields["subjects"] = orjson.dumps(subjects).decode()
    outcome = asking.send("contacts", "/v1/documents", file, fields)
    return customers.written(customer_id, "document", outcome)


@pages.get("/documents/<uuid:document_id>/file")
def fetch(document_id: UUID) -> Response:
    """Fetch the newest version's content."""
    return asking.fetch("contacts", f"/v1/documents/{document_id}/content")
