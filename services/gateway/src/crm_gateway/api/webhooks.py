"""/v1/webhooks: who is told what, and what became of it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from flask import Response, current_app

from crm_chassis import clock, db, paging, web
from crm_chassis.web.blueprints import Blueprint
from crm_gateway import webhooks as commands
from crm_gateway.clients.outgoing import Outgoing
from crm_gateway.model import DeliveryState, Sealer, Webhook
from crm_gateway.model.webhook import delivery_path
from crm_gateway.queries import deliveries as queue
from crm_gateway.queries import webhooks as queries
from crm_gateway.schemas import webhooks as schemas

hooks = Blueprint("webhooks", __name__, url_prefix="/v1/webhooks")
# Facts carry what their readers may see: whoever has them sent may see everything.
_admins = web.needs(special="administer")
_SHOWN = tuple(schemas.DeliveryOut._declared_fields)  # noqa: SLF001
_HEALTH = ("streak", "rests_until", "last_ok_at", "last_fault_at", "last_fault", "waiting")


@hooks.route("")
@hooks.arguments(paging.PageIn, location="query")
@hooks.response(200, schemas.WebhooksOut)
@_admins
def list_webhooks(args: dict[str, Any]) -> Response:
    """List webhooks."""
    return web.listing(
        queries.webhooks(), kind="webhook", id_column=Webhook.id, sorts=queries.SORTS, args=args
    )


@hooks.route("", methods=["POST"])
@hooks.arguments(schemas.WebhookIn)
@hooks.response(201, schemas.WebhookOut)
@_admins
def create_webhook(given: dict[str, Any]) -> Response:
    """Have facts sent to a url, or kept to be fetched; its secret is read at /secret."""
    command = commands.CreateWebhook(
        fields=given, owner_id=web.principal().user_id, sealer=_sealer(), outgoing=_outgoing()
    )
    return web.write(commands.create_webhook, command, status=201)


@hooks.route("/<uuid:webhook_id>")
@hooks.response(200, schemas.WebhookOut)
@_admins
def read_webhook(webhook_id: UUID) -> Response:
    """Read a webhook."""
    return web.read("webhook", webhook_id)


@hooks.route("/<uuid:webhook_id>", methods=["PATCH"])
@hooks.arguments(schemas.WebhookPatchIn)
@hooks.response(200, schemas.WebhookOut)
@_admins
def change_webhook(changes: dict[str, Any], webhook_id: UUID) -> Response:
    """Change a webhook; `active: true` sets a paused one going, at once."""
    command = commands.ChangeWebhook(
        webhook_id=webhook_id, expected_version=web.if_match(), changes=changes,
        outgoing=_outgoing(),
    )  # fmt: skip
    return web.write(commands.change_webhook, command)


@hooks.route("/<uuid:webhook_id>", methods=["DELETE"])
@hooks.response(200, schemas.WebhookOut)
@_admins
def archive_webhook(webhook_id: UUID) -> Response:
    """Put a webhook away; nothing more is sent."""
    return web.write(commands.archive_webhook, _archiving(webhook_id))


@hooks.route("/<uuid:webhook_id>/restoration", methods=["PUT"])
@hooks.response(200, schemas.WebhookOut)
@_admins
def restore_webhook(webhook_id: UUID) -> Response:
    """Bring a webhook back; it is sent what happens from now on."""
    return web.write(commands.restore_webhook, _archiving(webhook_id))


@hooks.route("/<uuid:webhook_id>/secret")
@hooks.response(200, schemas.SecretOut)
@_admins
def read_secret(webhook_id: UUID) -> Response:
    """Read the secret that signatures are checked with."""
    with web.sessions()() as session:
        webhook = queries.webhook(session, webhook_id)
    return _private({
        "secret": _sealer().open(webhook.sealed_secret), "former_until": webhook.former_until,
    })  # fmt: skip


@hooks.route("/<uuid:webhook_id>/secret", methods=["POST"])
@hooks.response(200, schemas.WebhookOut)
@_admins
def rotate_secret(webhook_id: UUID) -> Response:
    """Sign by a new secret; for 24 hours by the former one as well."""
    command = commands.RotateSecret(webhook_id=webhook_id, sealer=_sealer())
    return web.write(commands.rotate_secret, command)


@hooks.route("/<uuid:webhook_id>/health")
@hooks.response(200, schemas.HealthOut)
@_admins
def read_health(webhook_id: UUID) -> dict[str, Any]:
    """How the receiver does, and how much waits for it."""
    with web.sessions()() as session:
        queries.webhook(session, webhook_id)
        found, gathered = queries.health(session).get(webhook_id), queries.gathered(session)
    shown = {name: found[name] if found else None for name in _HEALTH}
    return {"gathered_at": gathered, **shown, "streak": shown["streak"] or 0,
            "waiting": shown["waiting"] or 0}  # fmt: skip


@hooks.route("/<uuid:webhook_id>/tests", methods=["POST"])
@hooks.response(202, schemas.TestOut)
@_admins
def test_webhook(webhook_id: UUID) -> Response:
    """Send a fact made up for a test; `Location` tells what became of it."""
    with db.transaction(web.sessions(), web.context()) as session:
        actor = web.principal().actor
        fact_id = commands.send_test(session, webhook_id, actor=actor, now=clock.now())
    return _accepted({"fact_id": fact_id}, delivery_path(webhook_id, fact_id))


@hooks.route("/<uuid:webhook_id>/deliveries")
@hooks.arguments(schemas.DeliveriesIn, location="query")
@hooks.response(200, schemas.DeliveriesOut)
@_admins
def list_deliveries(args: dict[str, Any], webhook_id: UUID) -> dict[str, Any]:
    """What was sent and what waits, the newest first."""
    states = [args["state"]] if args["state"] else list(DeliveryState)
    limit = args["limit"]
    with web.sessions()() as session:
        queries.webhook(session, webhook_id)
        rows = queue.deliveries(
            session, webhook_id, states=states, before=args["cursor"], limit=limit + 1
        )
    next_ = str(rows[limit - 1]["id"]) if len(rows) > limit else None
    return {"items": [_shown(row) for row in rows[:limit]], "next": next_}


@hooks.route("/<uuid:webhook_id>/deliveries/<uuid:fact_id>")
@hooks.response(200, schemas.DeliveryLogOut)
@_admins
def read_delivery(webhook_id: UUID, fact_id: UUID) -> dict[str, Any]:
    """One delivery, its last 50 tries, and what is sent."""
    with web.sessions()() as session:
        found = queue.delivery(session, webhook_id, fact_id)
    return _shown(found) | {"tries": found["tries"], "fact": orjson.loads(found["body"])}


@hooks.route("/<uuid:webhook_id>/replays", methods=["POST"])
@hooks.arguments(schemas.ReplayIn)
@hooks.response(202, schemas.ReplayOut)
@_admins
def replay(given: dict[str, Any], webhook_id: UUID) -> Response:
    """Send again facts of the log, or whatever was told in a stretch of time."""
    now = clock.now()
    with db.transaction(web.sessions(), web.context()) as session:
        if "fact_ids" in given:
            done = commands.ask_again(session, webhook_id, given["fact_ids"], now=now)
            shown: dict[str, Any] = {
                "id": None,
                "status": "done",
                "done": done,
                "total": done,
                "message": None,
            }
            return _accepted(shown, f"/v1/webhooks/{webhook_id}/deliveries")
        wanted = commands.Replay(
            webhook_id=webhook_id, since=given["since"], until=given.get("until", now),
            actor=web.principal().actor,
        )  # fmt: skip
        replay_id = commands.begin_replay(session, wanted, now=now)
    shown = {"id": replay_id, "status": "queued", "done": 0, "total": None, "message": None}
    return _accepted(shown, f"/v1/webhooks/{webhook_id}/replays/{replay_id}")


@hooks.route("/<uuid:webhook_id>/replays/<uuid:replay_id>")
@hooks.response(200, schemas.ReplayOut)
@_admins
def read_replay(webhook_id: UUID, replay_id: UUID) -> dict[str, Any]:
    """How far a replay is."""
    with web.sessions()() as session:
        found = queries.replay(session, webhook_id, replay_id)
    total = found["done"] if found["ended_at"] else None
    return {name: found[name] for name in ("id", "status", "done", "message")} | {"total": total}


@hooks.route("/<uuid:webhook_id>/facts")
@hooks.arguments(schemas.FactsIn, location="query")
@hooks.response(200, schemas.FactsOut)
@_admins
def fetch_facts(args: dict[str, Any], webhook_id: UUID) -> Response:
    """Fetch what a webhook wants, whether it is sent as well or not; go on with `next`."""
    with web.sessions()() as session:
        queries.webhook(session, webhook_id)
        rows = queue.facts_after(session, webhook_id, after=args["cursor"], limit=args["limit"])
    items = [orjson.Fragment(bytes(body)) for _, body in rows]
    position = rows[-1][0] if rows else args["cursor"]
    return _private({"items": items, "next": str(position)})


def _archiving(webhook_id: UUID) -> commands.ArchiveWebhook:
    return commands.ArchiveWebhook(webhook_id=webhook_id, expected_version=web.if_match())


def _outgoing() -> Outgoing:
    return current_app.extensions["outgoing"]  # type: ignore[no-any-return]


def _sealer() -> Sealer:
    return current_app.extensions["sealer"]  # type: ignore[no-any-return]


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in _SHOWN}


def _accepted(shown: Mapping[str, Any], location: str) -> Response:
    response = Response(orjson.dumps(shown), status=202, mimetype="application/json")
    response.headers["Location"] = location
    return response


def _private(shown: Mapping[str, Any]) -> Response:
    response = Response(orjson.dumps(shown), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
