"""Webhooks: where facts are sent, how each receiver does, what was sent to it and when."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import orjson
from flask import Blueprint, Response, current_app, redirect, request, url_for

from crm_chassis import clock, db, web
from crm_chassis.problems import Forbidden, Invalid, Refusal
from crm_gateway import webhooks as commands
from crm_gateway.console import pages as rendering
from crm_gateway.model import DeliveryState, SealBroken, Webhook
from crm_gateway.queries import deliveries as queue
from crm_gateway.queries import webhooks as queries

PAGE_SIZE = 50
pages = Blueprint("webhooks", __name__, url_prefix="/settings/webhooks")


@pages.before_request
def only_admins() -> None:
    """Facts carry what their readers may see: whoever has them sent may see everything."""
    if not web.principal().is_admin:
        raise Forbidden(detail="only administrators have facts sent")


@pages.get("")
def index() -> Response:
    """List webhooks and how each receiver does."""
    return _listed()


@pages.post("")
def create() -> Any:
    """Have facts sent, or kept to be fetched."""

    def work() -> Response:
        fields = {"url": request.form.get("url", "").strip() or None, **_fields()}
        command = commands.CreateWebhook(
            fields=fields, owner_id=web.principal().user_id, sealer=_kept("sealer"),
            outgoing=_kept("outgoing"),
        )  # fmt: skip
        return web.write(commands.create_webhook, command, status=201)

    return _done(work, lambda draft, status: _listed(draft=draft, status=status))


@pages.get("/<uuid:webhook_id>")
def show(webhook_id: UUID) -> Response:
    """Show a webhook, its secret, and what was sent."""
    return _shown(webhook_id)


@pages.post("/<uuid:webhook_id>")
def change(webhook_id: UUID) -> Any:
    """Change name, address, types or condition."""

    def changes() -> dict[str, Any]:
        url = request.form.get("url", "").strip()
        return _fields() | ({"url": url} if url else {})

    return _changed(webhook_id, changes)


@pages.post("/<uuid:webhook_id>/<any(pause, resume):how>")
def switch(webhook_id: UUID, how: str) -> Any:
    """Send nothing for a while, or go on at once."""
    return _changed(webhook_id, lambda: {"active": how == "resume"})


@pages.post("/<uuid:webhook_id>/removal")
def archive(webhook_id: UUID) -> Any:
    """Put a webhook away."""
    command = commands.ArchiveWebhook(webhook_id=webhook_id, expected_version=_version())
    return _done(
        lambda: web.write(commands.archive_webhook, command),
        lambda draft, status: _shown(webhook_id, draft=draft, status=status), is_gone=True,
    )  # fmt: skip


@pages.post("/<uuid:webhook_id>/secret")
def rotate(webhook_id: UUID) -> Any:
    """Sign by a new secret."""
    command = commands.RotateSecret(webhook_id=webhook_id, sealer=_kept("sealer"))
    web.write(commands.rotate_secret, command)
    return redirect(url_for(".show", webhook_id=webhook_id, _anchor="secret"), 303)


@pages.post("/<uuid:webhook_id>/test")
def test(webhook_id: UUID) -> Any:
    """Send a fact made up for a test."""
    with db.transaction(web.sessions(), web.context()) as session:
        actor = web.principal().actor
        fact_id = commands.send_test(session, webhook_id, actor=actor, now=clock.now())
    return redirect(url_for(".delivery", webhook_id=webhook_id, fact_id=fact_id), 303)


@pages.get("/<uuid:webhook_id>/deliveries/<uuid:fact_id>")
def delivery(webhook_id: UUID, fact_id: UUID) -> Response:
    """Show what was sent, and what came back each time."""
    with web.sessions()() as session:
        webhook = queries.webhook(session, webhook_id)
        found = queue.delivery(session, webhook_id, fact_id)
    body = orjson.dumps(orjson.loads(found["body"]), option=orjson.OPT_INDENT_2).decode()
    return rendering.page("delivery.html", webhook=webhook, delivery=found, body=body)


@pages.post("/<uuid:webhook_id>/deliveries/<uuid:fact_id>/replay")
def send_again(webhook_id: UUID, fact_id: UUID) -> Any:
    """Send one fact again."""
    with db.transaction(web.sessions(), web.context()) as session:
        commands.ask_again(session, webhook_id, [fact_id], now=clock.now())
    return redirect(url_for(".delivery", webhook_id=webhook_id, fact_id=fact_id), 303)


def _changed(webhook_id: UUID, changes: Callable[[], Mapping[str, Any]]) -> Any:
    def work() -> Response:
        command = commands.ChangeWebhook(
            webhook_id=webhook_id, expected_version=_version(), changes=changes(),
            outgoing=_kept("outgoing"),
        )  # fmt: skip
        return web.write(commands.change_webhook, command)

    return _done(work, lambda draft, status: _shown(webhook_id, draft=draft, status=status))


def _done(
    work: Callable[[], Response], again: Callable[[rendering.Draft, int], Response], *,
    is_gone: bool = False,
) -> Any:  # fmt: skip
    try:
        made = work().get_json()
    except Refusal as refusal:
        named = [f"{name}: {' '.join(why)}" for name, why in (refusal.errors or {}).items()]
        reason = "; ".join(named) or str(refusal.detail)
        return again(rendering.draft("webhook", reason), int(refusal.status))
    target = url_for(".index") if is_gone else url_for(".show", webhook_id=made["id"])
    return redirect(target, 303)


def _fields() -> dict[str, Any]:
    """Return name, types and condition as a form gives them. Raises Invalid."""
    given = request.form
    types = given.get("types", "").split()
    found: dict[str, Any] = {
        "name": given.get("name", "").strip()[:200],
        "types": types,
        "where": None,
    }
    if not found["name"] or not types:
        raise Invalid({name: ["needed"] for name in ("name", "types") if not found[name]})
    if text := given.get("where", "").strip():
        found["where"] = _condition(text)
    return found


def _condition(text: str) -> dict[str, Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Invalid({"where": [f"no JSON: {error}"]}) from error
    if not isinstance(found, dict):
        raise Invalid({"where": ['like {"field": "status", "op": "eq", "value": "open"}']})
    return found


def _version() -> int | None:
    return request.form.get("version", type=int)


def _kept(name: str) -> Any:
    return current_app.extensions[name]


def _secret(webhook: Webhook) -> str | None:
    """Return the secret, None where no key of the settings opens it any more."""
    try:
        return str(_kept("sealer").open(webhook.sealed_secret))
    except SealBroken:
        return None


def _listed(*, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200) -> Response:
    with web.sessions()() as session:
        found, health = queries.live(session), queries.health(session)
    return rendering.page(
        "webhooks.html", status=status, draft=draft, webhooks=found, health=health
    )


def _shown(
    webhook_id: UUID, *, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200
) -> Response:
    state = request.args.get("state", "")
    states = [state] if state in set(DeliveryState) else list(DeliveryState)
    before = request.args.get("before", type=int)
    with web.sessions()() as session:
        webhook = queries.webhook(session, webhook_id)
        health = queries.health(session).get(webhook_id, {})
        rows = queue.deliveries(
            session, webhook_id, states=states, before=before, limit=PAGE_SIZE + 1
        )
    live = [webhook.version, health, rows]
    if rendering.is_live(live):
        return rendering.unchanged(live)
    where = orjson.dumps(webhook.where).decode() if webhook.where else ""
    return rendering.page(
        "webhook.html", status=status, draft=draft, webhook=webhook, health=health, where=where,
        live=live,
        secret=_secret(webhook), deliveries=rows[:PAGE_SIZE],
        more=rows[PAGE_SIZE - 1]["id"] if len(rows) > PAGE_SIZE else None, chosen=state,
        states=list(DeliveryState),
    )  # fmt: skip
