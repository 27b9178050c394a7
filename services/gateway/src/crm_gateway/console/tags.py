"""The tags there are, and having them renamed."""

from typing import Any

from flask import Blueprint, Response, redirect, request, url_for

from crm_gateway.console import asking
from crm_gateway.console import pages as rendering

KINDS = ("contact", "account")
PAGE_SIZE = 200

pages = Blueprint("tags", __name__)


@pages.get("/tags")
def index() -> Response:
    """List tags."""
    return _listed()


@pages.post("/tags/renaming")
def rename() -> Any:
    """Have tags renamed, made one, or taken away."""
    new = request.form.get("new", "").strip()
    body = {"object": _kind(), "old": request.form.getlist("old"), "new": new or None}
    if not new and "drop" not in request.form:
        return _listed(rendering.draft("tags", "Type the new name, or take the tags away."), 422)
    outcome = asking.write("contacts", "POST", "/v1/tags/renaming", body)
    if not outcome.is_good:
        return _listed(rendering.draft("tags", outcome.reason), outcome.status)
    return redirect(url_for(".index", object=_kind(), job=outcome.body["id"]), 303)


def _listed(draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200) -> Response:
    outcome = asking.read(
        "contacts", "/v1/tags", object=_kind(), limit=PAGE_SIZE, q=request.args.get("q"),
        cursor=request.args.get("cursor"),
    )  # fmt: skip
    job_id = request.args.get("job", "")
    job = asking.read("contacts", f"/v1/jobs/contacts/{job_id}").body if job_id else {}
    return rendering.page(
        "tags.html", status=status, draft=draft, outcome=outcome, kind=_kind(), kinds=KINDS,
        tags=outcome.body.get("items", []) if outcome.is_good else [], job=job,
        next=outcome.body.get("next"), q=request.args.get("q", ""),
    )  # fmt: skip


def _kind() -> str:
    wanted = request.values.get("object", "")
    return wanted if wanted in KINDS else KINDS[0]
