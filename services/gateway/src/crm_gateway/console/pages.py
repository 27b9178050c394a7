"""Rendering pages, and single blocks of them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import orjson
from flask import Response, current_app, render_template, request
from flask_wtf.csrf import generate_csrf

from crm_chassis import ids, rights, web
from crm_chassis.problems import Refusal
from crm_gateway.clients import Services
from crm_gateway.queries import view


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody typed into a form that was refused, and why."""

    form: str = ""
    reason: str = ""
    values: dict[str, str] = field(default_factory=dict)


NO_DRAFT = Draft()


def page(template: str, *, status: int = 200, live: Any = None, **values: Any) -> Response:
    """Return a page; pages are never kept, for each form in them may be sent once.

    `live`: what the page shows that may change meanwhile. An open page asks for itself again and is
    answered 304 until that has changed: nothing is rendered in vain.
    """
    tag = tag_of(live) if live is not None and request.method == "GET" else None
    if tag and is_live(live):
        return unchanged(live)
    values |= {"live_tag": tag, "live_path": request.full_path.rstrip("?")}
    response = Response(render_template(template, **values), status=status, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    return _marked(response, tag) if tag else response


def is_live(live: Any) -> bool:
    """Whether an open page asks, and shows already what it may."""
    return wants_fragment() and request.if_none_match.contains(tag_of(live))


def unchanged(live: Any) -> Response:
    """Tell an open page that it is still right."""
    return _marked(Response(status=304), tag_of(live))


def fragment(html: str, live: Any) -> Response:
    """Return a part of a page that renews itself."""
    response = Response(html, mimetype="text/html", headers={"Cache-Control": "no-store"})
    return _marked(response, tag_of(live))


def _marked(response: Response, tag: str) -> Response:
    response.set_etag(tag)
    return response


def tag_of(live: Any) -> str:
    """Return the tag that stands for what a page shows."""
    told = orjson.dumps(live, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.sha256(told).hexdigest()[:16]


def block(template: str, name: str, **values: Any) -> str:
    """Return one named block of a page."""
    found = current_app.jinja_env.get_template(template)
    current_app.update_template_context(values)
    return "".join(found.blocks[name](found.new_context(values)))


def said(refusal: Refusal) -> str:
    """Return a refusal in words, its fields first."""
    fields = "; ".join(f"{name}: {' '.join(why)}" for name, why in (refusal.errors or {}).items())
    return f"{fields or refusal.detail}.".replace("..", ".")


def draft(form: str, reason: str) -> Draft:
    """Return what was sent, to be shown again."""
    return Draft(form, reason, {name: request.form[name] for name in request.form})


def wants_fragment() -> bool:
    """Whether our own script asks, which changes the page in place."""
    return request.headers.get("X-Requested-With") == "fetch"


def viewer() -> Any:
    """Return the application's Viewer."""
    return current_app.extensions["view"]


def services() -> Services:
    """Return the way to the services."""
    return cast("Services", current_app.extensions["services"])


def seen() -> view.Seen:
    """Return what the view's queries filter by for whoever looks."""
    return rights.seen_of_all(web.principal())


def context() -> dict[str, Any]:
    """Return what every template may use."""
    return {
        "new_key": lambda: str(ids.new()),
        "csrf": generate_csrf,
        "path": request.path,
        "draft": NO_DRAFT,
        "points_of": _points_of,
    }


def titles(wanted: Any) -> dict[str, str]:
    """Return the names of contacts and accounts by id."""
    found = sorted(filter(None, wanted))
    if not found:
        return {}
    return cast(
        "dict[str, str]",
        viewer().read(lambda connection: view.titles(connection, found, seen=seen())),
    )


def _points_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a contact's e-mail addresses by value, with what is known of each."""
    return {each["value"]: each for each in record.get("emails", ())}
