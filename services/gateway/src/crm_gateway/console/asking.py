"""Asking the services on behalf of whoever is signed in; what went wrong, in a person's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlencode

import orjson
from flask import Response, current_app, g, request
from werkzeug.datastructures import FileStorage

from crm_chassis import ids, web
from crm_chassis.problems import NotFound
from crm_gateway.clients import Body, Reply
from crm_gateway.console import pages
from crm_gateway.console.uploads import Form
from crm_gateway.model import ServiceAway, ServiceSlow

_AWAY = "The {service} service does not answer. Nothing was lost; try again in a moment."
_OF_A_FILE = ("Content-Type", "Content-Disposition")
_REASONS: Mapping[int, str] = {
    HTTPStatus.PRECONDITION_FAILED: "Somebody changed this meanwhile. Look at it, then repeat.",
    HTTPStatus.PRECONDITION_REQUIRED: "The form is out of date. Reload the page and repeat.",
    HTTPStatus.FORBIDDEN: "You may look at this but not change it.",
    HTTPStatus.NOT_FOUND: "This is not there any more.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a service answered."""

    status: int
    body: dict[str, Any]
    written: str = ""
    service: str = ""
    warnings: str = ""

    @property
    def warned(self) -> list[dict[str, Any]]:
        """What the company's rules say of it, though it was done."""
        return orjson.loads(self.warnings) if self.warnings else []

    @property
    def is_good(self) -> bool:
        """Whether it did what it was asked."""
        return self.status < HTTPStatus.BAD_REQUEST

    @property
    def is_away(self) -> bool:
        """Whether it could not be asked."""
        return self.status >= HTTPStatus.INTERNAL_SERVER_ERROR

    @property
    def reason(self) -> str:
        """Say to a person why it refused, and what to do."""
        if self.is_away:
            return _AWAY.format(service=self.service)
        known = _REASONS.get(self.status)
        if known:
            return known
        fields = self.body.get("errors") or {}
        listed = "; ".join(f"{_words(name)}: {' '.join(why)}" for name, why in fields.items())
        return listed or self.body.get("detail") or "That was refused."


def read(service: str, path: str, **query: Any) -> Outcome:
    """Return the answer to a GET. Raises NotFound."""
    given = {name: value for name, value in query.items() if value not in (None, "")}
    outcome = _ask(service, "GET", path + (f"?{urlencode(given)}" if given else ""))
    if outcome.status == HTTPStatus.NOT_FOUND:
        raise NotFound(path)
    return outcome


def write(
    service: str, method: str, path: str, body: Mapping[str, Any] | None = None, *,
    version: str | None = None, once: bool = True,
) -> Outcome:  # fmt: skip
    """Send the current form's change once, however often the form is sent.

    Not `once`: one of several changes that a form makes; its version keeps it from being repeated.
    """
    key = request.form.get("key") if once else None
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": key or str(ids.new()),
        "X-CRM-Source": "ui",
    }
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    return _ask(service, method, path, orjson.dumps(body or {}), headers)


def send(service: str, path: str, file: FileStorage, fields: Mapping[str, str]) -> Outcome:
    """Hand a visitor's file on, once, however often the form is sent."""
    form = Form(file, fields)
    key = request.form.get("key") or str(ids.new())
    return _ask(service, "POST", path, form, {**form.headers, "Idempotency-Key": key})


def fetch(service: str, path: str) -> Response:
    """Return a service's file as it comes. Raises NotFound, ServiceAway, ServiceSlow."""
    reply = pages.services().call(
        service, "GET", path, principal=web.principal(), headers=_from_where()
    )
    if reply.status != HTTPStatus.OK:
        raise NotFound(path)
    headers = {name: reply.headers[name] for name in _OF_A_FILE if name in reply.headers}
    return Response(reply.body, headers={**headers, "Cache-Control": "no-store"})


def _ask(
    service: str, method: str, path: str, body: Body = None,
    headers: Mapping[str, str] | None = None,
) -> Outcome:  # fmt: skip
    sent = {**_from_where(), **(headers or {})}
    try:
        reply = pages.services().call(
            service, method, path, principal=web.principal(), body=body, headers=sent
        )
    except (ServiceAway, ServiceSlow) as refusal:
        return Outcome(status=int(refusal.status), body={}, service=service)
    current_app.extensions["reads"].note_answer(
        web.principal(), method, path.partition("?")[0], reply.status, web.origin
    )
    return Outcome(
        status=reply.status, body=_loaded(reply), written=reply.headers.get("X-CRM-Version", ""),
        service=service, warnings=reply.headers.get("X-CRM-Warnings", ""),
    )  # fmt: skip


def _from_where() -> dict[str, str]:
    """Return the headers that tell a service where its caller is."""
    origin = web.origin()
    told = {
        "X-Request-Id": g.request_id, web.ADDRESS: origin.address, "User-Agent": origin.agent,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value}


def _loaded(reply: Reply) -> dict[str, Any]:
    body = reply.body if isinstance(reply.body, bytes) else b"".join(reply.body)
    try:
        return cast("dict[str, Any]", orjson.loads(body))
    except ValueError:
        return {}


def _words(name: str) -> str:
    return name.replace("_", " ").replace(".", " ").capitalize()
