"""Routes of events that other systems tell of, and of their types."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, current_app

from crm_chassis import clock, db, web
from crm_chassis.web import Operation
from crm_chassis.web.blueprints import Blueprint
from crm_chassis.web.schemas import BatchOut
from crm_contacts.commands import tracking as commands
from crm_contacts.model.event_type import EventType
from crm_contacts.queries import tracking
from crm_contacts.schemas.tracking import (
    EventIn,
    EventsIn,
    EventTypeIn,
    EventTypeOut,
    EventTypePatchIn,
    EventTypesIn,
    EventTypesOut,
)

types = Blueprint("event_types", __name__, url_prefix="/v1/event-types", kind="event_type")
blueprint = Blueprint("ingest", __name__, url_prefix="/v1/ingest", kind="interaction")
Fields = Mapping[str, Any]


@types.post("")
@types.arguments(EventTypeIn)
@types.response(201, EventTypeOut)
@web.needs(special="manage_rules")
def define_event(fields: Fields) -> Response:
    """Define a type of event; events of it are taken from now on."""
    return web.write(commands.define_event, commands.DefineEvent(fields=fields), status=201)


@types.get("")
@types.arguments(EventTypesIn, location="query")
@types.response(200, EventTypesOut)
def list_event_types(filters: Fields) -> Response:
    """List types of events."""
    return web.listing(
        tracking.event_types(filters), kind="event_type", id_column=EventType.id,
        sorts=tracking.SORTS, args=filters, default="name",
    )  # fmt: skip


@types.get("/<uuid:type_id>")
@types.response(200, EventTypeOut)
def read_event_type(type_id: UUID) -> Response:
    """Read a type of event."""
    return web.read("event_type", type_id)


@types.patch("/<uuid:type_id>")
@types.arguments(EventTypePatchIn)
@types.response(200, EventTypeOut)
@web.needs(special="manage_rules")
def change_event(changes: Fields, type_id: UUID) -> Response:
    """Change what events of a type say from now on; what was taken stays as it was."""
    command = commands.ChangeEvent(
        type_id=type_id, expected_version=web.if_match(), changes=changes
    )
    return web.write(commands.change_event, command)


@types.delete("/<uuid:type_id>")
@types.response(200, EventTypeOut)
@web.needs(special="manage_rules")
def archive_event_type(type_id: UUID) -> Response:
    """Take no events of a type any more."""
    command = commands.ShelveEvent(type_id=type_id, expected_version=web.if_match())
    return web.write(commands.shelve_event, command)


@types.put("/<uuid:type_id>/restoration")
@types.response(200, EventTypeOut)
@web.needs(special="manage_rules")
def restore_event_type(type_id: UUID) -> Response:
    """Take events of a type again."""
    command = commands.ShelveEvent(type_id=type_id, expected_version=web.if_match(), is_back=True)
    return web.write(commands.shelve_event, command)


@blueprint.post("/events")
@blueprint.arguments(EventsIn)
@blueprint.response(207, BatchOut)
@web.needs("create")
def take_events(batch: Fields) -> Response:
    """Take in up to 500 events: 201 what is new, 200 what was taken before, 422 with the reasons.

    They count against the day's quota of the key, or of the person without one: 429.
    """
    named = commands.Named(batch["source"], web.principal())
    owner_id = web.principal().user_id
    with db.transaction(web.sessions(), web.context()) as session:
        commands.use_up(
            session, web.principal().actor, len(batch["events"]),
            most=current_app.extensions["events_per_day"], now=clock.now(),
        )  # fmt: skip

    def build(item: Fields) -> Operation:
        event = EventIn().load(item["body"])
        named.given.append(event)
        command = commands.TakeEvent(event=event, named=named, owner_id=owner_id)
        return Operation(commands.take_event, command, None, 201, found=200)

    items = [{"op": "create", "body": each} for each in batch["events"]]
    return web.write_batch(web.operations({"operations": items}, {"create": build}))
