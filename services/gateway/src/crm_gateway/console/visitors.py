"""Who was seen and is not known yet, and saying who it was."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for

from crm_gateway.console import asking
from crm_gateway.console import pages as rendering

_PAGE_SIZE = 50

pages = Blueprint("visitors", __name__)


@pages.get("/visitors")
def index() -> Response:
    """List strangers, the last seen first."""
    return _index()


@pages.post("/visitors/<uuid:identity_id>/contact")
def recognise(identity_id: UUID) -> Any:
    """Say whose e-mail address they gave."""
    body = {"email": request.form.get("email", "")}
    outcome = asking.write("contacts", "PUT", f"/v1/identities/{identity_id}/contact", body)
    if not outcome.is_good:
        return _index(rendering.draft(str(identity_id), outcome.reason), status=outcome.status)
    customer_id = outcome.body["contact_id"]
    return redirect(url_for("console.customers.show", customer_id=customer_id), 303)


def _index(draft: rendering.Draft = rendering.NO_DRAFT, *, status: int = 200) -> Response:
    outcome = asking.read(
        "contacts", "/v1/identities", identified="false", limit=_PAGE_SIZE,
        cursor=request.args.get("cursor"),
    )  # fmt: skip
    return rendering.page(
        "visitors.html", status=status, draft=draft, outcome=outcome,
        visitors=outcome.body.get("items", []), next=outcome.body.get("next"),
    )  # fmt: skip
