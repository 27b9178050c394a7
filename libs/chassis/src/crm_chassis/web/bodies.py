"""What a request may bring: bounds on addresses and bodies, and which form a body has."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

import orjson
from flask import current_app, request
from werkzeug.exceptions import RequestEntityTooLarge, RequestURITooLarge, UnsupportedMediaType

from crm_chassis.problems import Invalid

LARGEST_JSON = 10 * 1024 * 1024
LARGEST_FORM = 100 * 1024 * 1024
LARGEST_WORDS = 64 * 1024
DEEPEST = 32  # levels of lists and objects in a body
LONGEST_URL = 8000  # gunicorn refuses a request line of 8,190 in HTML
_WORDS = "application/x-www-form-urlencoded"
_NUL = b"\\u0000"
V = TypeVar("V", bound=Callable[..., Any])


def check_input() -> None:
    """Refuse what no operation reads: too long, too deep, not JSON, NUL."""
    if not request.path.startswith("/v1/"):
        return
    if len(quote(request.path)) + len(request.query_string) > LONGEST_URL:
        raise RequestURITooLarge
    if any("\x00" in text for pair in request.args.items(multi=True) for text in pair):
        raise Invalid({"query": ["NUL is not text"]})
    if request.method not in {"POST", "PUT", "PATCH"} or _is_form():
        return
    if (request.content_length or 0) > LARGEST_JSON:
        raise RequestEntityTooLarge
    data = request.get_data()
    if not data:
        return
    if not request.is_json:
        raise UnsupportedMediaType("send application/json")
    _check_value(data)


def _check_value(data: bytes) -> None:
    value = request.get_json()
    if not isinstance(value, dict):
        raise Invalid({"body": ["must be an object"]})
    if data.count(b"[") + data.count(b"{") > DEEPEST and _depth(value) > DEEPEST:
        raise Invalid({"body": [f"deeper than {DEEPEST} levels"]})
    # Without escaped backslashes, what is left of \u0000 is NUL and not text that speaks of it.
    if _NUL in data and _NUL in orjson.dumps(value).replace(rb"\\", b""):
        raise Invalid({"body": ["NUL is not text"]})


def _depth(value: Any) -> int:
    """Return how many lists and objects stand in each other, found a level at a time."""
    depth, level = 0, [value]
    while level := [each for each in level if isinstance(each, dict | list)]:
        depth += 1
        if depth > DEEPEST:
            return depth
        level = [
            part for each in level for part in (each.values() if isinstance(each, dict) else each)
        ]
    return depth


def takes_form(view: V) -> V:
    """Decorate a view that takes a form with files, up to 100 MB; only such get one."""
    view.crm_takes_form = True  # type: ignore[attr-defined]
    return view


def takes_words(view: V) -> V:
    """Decorate a view that takes a plain form of up to 64 KB, where a standard says so."""
    view.crm_takes_words = True  # type: ignore[attr-defined]
    return view


def allow_form() -> None:
    """Before anything reads the body: the bound on it is the view's."""
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "crm_takes_form", False):
        request.max_content_length = LARGEST_FORM
    elif getattr(view, "crm_takes_words", False):
        request.max_content_length = LARGEST_WORDS


def _is_form() -> bool:
    if request.max_content_length == LARGEST_WORDS:
        if request.mimetype != _WORDS:
            raise UnsupportedMediaType(f"send {_WORDS}")
        return True
    if request.mimetype != "multipart/form-data" or request.max_content_length != LARGEST_FORM:
        return False
    if (request.content_length or 0) > LARGEST_FORM:
        raise RequestEntityTooLarge
    return True
