"""How good the data are: the last audit in numbers, and what is to be looked at."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for

from crm_gateway.console import asking
from crm_gateway.console import pages as rendering

PAGE_SIZE = 50
KINDS = ("contact", "account")
DIMENSIONS = ("score", "completeness", "validity", "freshness")

pages = Blueprint("quality", __name__)


@pages.get("/quality")
def index() -> Response:
    """Show the newest audit; what it found, all of it or for one reason."""
    return _shown()


@pages.post("/quality")
def ask() -> Any:
    """Have everything looked at anew."""
    outcome = asking.write("contacts", "POST", "/v1/quality-audits")
    if not outcome.is_good:
        return _shown(draft=rendering.draft("audit", outcome.reason), status=outcome.status)
    return redirect(url_for(".index"), 303)


@pages.get("/quality/<uuid:audit_id>/file")
def fetch(audit_id: UUID) -> Response:
    """Fetch what was found as a table."""
    path = f"/v1/quality-audits/{audit_id}/findings/file"
    return asking.fetch("contacts", f"{path}?{urlencode(_filters())}")


def _shown(*, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200) -> Response:
    outcome = asking.read("contacts", "/v1/quality-audits", limit=20)
    audits = outcome.body.get("items", [])
    done = next((each for each in audits if each["status"] == "done"), None)
    running = next((each for each in audits[:1] if each["status"] == "running"), None)
    found = _found(done) if done else {"items": [], "next": None}
    filters = _filters()
    return rendering.page(
        "quality.html", status=status, draft=draft, outcome=outcome, audit=done, running=running,
        counts=_counts(done), dimensions=DIMENSIONS, findings=found["items"],
        next=found["next"], filters=filters, chosen=filters.get("reason", ""),
        kind=filters.get("kind", ""), query=urlencode(filters),
    )  # fmt: skip


def _found(audit: Mapping[str, Any]) -> dict[str, Any]:
    path, cursor = f"/v1/quality-audits/{audit['id']}/findings", request.args.get("cursor")
    answer = asking.read("contacts", path, limit=PAGE_SIZE, cursor=cursor, **_filters())
    return answer.body if answer.is_good else {"items": [], "next": None}


def _filters() -> dict[str, str]:
    """What was chosen: a reason as `contact.no-email`, so that one link says both."""
    kind, _, reason = request.args.get("of", "").partition(".")
    return {"kind": kind, "reason": reason} if kind in KINDS and reason else {}


def _counts(audit: Mapping[str, Any] | None) -> list[tuple[str, str, str, int]]:
    """Kind with reason, kind, reason and how many records, most first."""
    found = audit["findings"].items() if audit else ()
    rows = [(key, *key.partition(".")[::2], count) for key, count in found]
    return sorted(rows, key=lambda row: (-row[3], row[0]))
