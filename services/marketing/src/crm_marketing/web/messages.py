"""/v1/messages: the send ledger."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response

from crm_chassis import web
from crm_chassis.web.blueprints import Blueprint
from crm_chassis.web.schemas import BatchOut, PageOut
from crm_marketing.commands import engagement, imports, repeating
from crm_marketing.queries import records
from crm_marketing.schemas.messages import DeliveryOut, MessageImportIn, MessageOut, MessageQuery
from crm_marketing.web.listing import listing

messages = Blueprint(
    "messages", __name__, url_prefix="/v1/messages", description="Sent mails", kind="message"
)


@messages.get("")
@messages.arguments(MessageQuery, location="query")
@messages.response(200, PageOut)
def list_messages(wanted: dict[str, Any]) -> Response:
    """Messages of a campaign or to a contact, newest first."""
    return listing("message", wanted)


@messages.get("/<uuid:message_id>")
@messages.response(200, MessageOut)
def get_message(message_id: UUID) -> Response:
    """Return one message."""
    return web.read("message", message_id)


@messages.put("/<uuid:message_id>/complaint")
@messages.response(200, MessageOut)
def complain(message_id: UUID) -> Response:
    """Note that a mail was called unwanted, as feedback loops of mailbox providers tell."""
    web.read("message", message_id)
    return web.write(engagement.complain, engagement.Complain(message_id=message_id))


@messages.get("/<uuid:message_id>/delivery")
@messages.response(200, DeliveryOut)
@web.needs("read")
def get_delivery(message_id: UUID) -> dict[str, Any]:
    """Return how handing it over went: tries, the next one, what the mail server said last."""
    web.read("message", message_id)
    with web.sessions()() as session:
        found = records.message(session, message_id)
        return {name: getattr(found, name) for name in DeliveryOut().fields}


@messages.put("/<uuid:message_id>/retry")
@messages.response(200, MessageOut)
def send_again(message_id: UUID) -> Response:
    """Send a mail that failed, or perhaps did, once more."""
    return web.write(repeating.send_again, repeating.SendAgain(message_id=message_id))


@messages.post("/batch")
@messages.arguments(web.batch_in("create"))
@messages.response(207, BatchOut)
def batch_messages(batch: dict[str, Any]) -> Response:
    """Write down to 500 past mails, with opens and clicks; administrators only, nothing is sent."""
    web.principal().require("admin")
    return web.write_batch(web.operations(batch, {"create": _creation}))


def _creation(item: Mapping[str, Any]) -> web.Operation:
    command = MessageImportIn().load(item["body"])
    return web.Operation(imports.import_message, command, status=201)
