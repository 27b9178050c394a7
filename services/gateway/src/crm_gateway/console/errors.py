"""Error pages: what happened and what to do, outside /v1."""

from typing import Any

from flask import Blueprint, Response, abort, g, redirect, request
from werkzeug.exceptions import HTTPException

from crm_chassis import db, logs
from crm_chassis.problems import Refusal, Unauthenticated
from crm_gateway.console import pages, sign_in

_HEADINGS = {
    400: ("That did not work", "The form has expired. Go back, reload the page and send it again."),
    403: ("Not allowed", "Your role does not allow this. Ask an administrator."),
    404: ("Not found", "There is nothing here, or you may not see it."),
    405: ("Not found", "There is nothing here to look at."),
    410: ("The link has ended", "It was used, or it is too old. Ask for another one."),
    422: ("That did not work", "The address or the form holds something we cannot read."),
    503: ("Not available just now", "A part of the system is away. Try again in a moment."),
    504: ("Not available just now", "A part of the system is slow. Try again in a moment."),
}
_OTHER = ("Something went wrong here", "It has been logged. Try again in a moment.")
log = logs.get(__name__)


def install(console: Blueprint) -> None:
    """Answer errors of the console's pages with pages."""
    console.register_error_handler(Refusal, _refused)
    console.register_error_handler(HTTPException, _refused_by_web)
    console.register_error_handler(Exception, _failed)


def refuse_nul() -> None:
    """Refuse what the database could not keep: NUL is not text."""
    if any("\x00" in value for values in request.values.lists() for value in values[1]):
        abort(422)


def missing(path: str) -> Any:
    """There is no page of that name."""
    del path
    abort(404)


def _refused(refusal: Refusal) -> Any:
    if isinstance(refusal, Unauthenticated):
        return redirect(sign_in.address(), 303)
    return _page(int(refusal.status))


def _refused_by_web(error: HTTPException) -> Any:
    return error if error.code in range(300, 400) else _page(error.code or 500)


def _failed(error: Exception) -> Response:
    if db.is_infrastructure(error):
        log.warning("page put off", extra={"cause": type(error).__name__})
        return _page(503)
    log.error("page failed", exc_info=error, extra={"request_id": g.get("request_id", "")})
    return _page(500)


def _page(status: int) -> Response:
    """No name of the visitor's on it: the database may be what is away."""
    g.plain = True
    heading, advice = _HEADINGS.get(status, _OTHER)
    return pages.page(
        "error.html", status=status, heading=heading, advice=advice, method=request.method
    )
