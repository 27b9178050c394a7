"""/v1/tickets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import Response

from crm_chassis import clock, web
from crm_chassis.web.blueprints import Blueprint
from crm_chassis.web.schemas import BatchOut, PageOut
from crm_support import queries
from crm_support.commands import imports, messages, statuses
from crm_support.commands import tickets as commands
from crm_support.commands.references import REFERENCES
from crm_support.model.clock import explain
from crm_support.schemas.messages import MessageIn, MessageOut, MessageQuery
from crm_support.schemas.tickets import (
    ClocksOut,
    TicketAssignmentIn,
    TicketBatchIn,
    TicketIn,
    TicketOut,
    TicketPatch,
    TicketPriorityIn,
    TicketQuery,
    TicketStatusIn,
)

tickets = Blueprint(
    "tickets",
    __name__,
    url_prefix="/v1/tickets",
    description="Tickets and their conversations",
    kind="ticket",
)


@tickets.get("")
@tickets.arguments(TicketQuery, location="query")
@tickets.response(200, PageOut)
def list_tickets(wanted: dict[str, Any]) -> Response:
    """Live tickets, newest first."""
    return web.listing(
        queries.tickets(wanted),
        kind="ticket",
        id_column=queries.TICKET_ID,
        sorts=queries.TICKET_SORTS,
        args=wanted,
    )


@tickets.post("")
@tickets.arguments(TicketIn)
@tickets.response(201, TicketOut)
def open_ticket(command: commands.OpenTicket) -> Response:
    """Open a ticket, with what the customer wrote as `body`."""
    return web.write(commands.open_ticket, command, status=201)


@tickets.post("/batch")
@tickets.arguments(web.batch_in("create", "update", "archive"))
@tickets.response(207, BatchOut)
def batch_tickets(batch: dict[str, Any]) -> Response:
    """Open (also with their past: `imported`), update or archive up to 500 tickets."""
    builders = {"create": _creation, "update": _update, "archive": _archiving}
    return web.write_batch(web.settled_together(web.operations(batch, builders), REFERENCES))


@tickets.get("/<uuid:ticket_id>")
@tickets.response(200, TicketOut)
def get_ticket(ticket_id: UUID) -> Response:
    """Return one ticket."""
    return web.read("ticket", ticket_id)


@tickets.patch("/<uuid:ticket_id>")
@tickets.arguments(TicketPatch)
@tickets.response(200, TicketOut)
def update_ticket(changes: dict[str, Any], ticket_id: UUID) -> Response:
    """Change fields of a ticket."""
    command = commands.UpdateTicket(
        ticket_id=ticket_id, expected_version=web.if_match(), changes=changes
    )
    return web.write(commands.update_ticket, command)


@tickets.delete("/<uuid:ticket_id>")
@tickets.response(200, TicketOut)
def archive_ticket(ticket_id: UUID) -> Response:
    """Archive a ticket."""
    command = commands.ArchiveTicket(ticket_id=ticket_id, expected_version=web.if_match())
    return web.write(commands.archive_ticket, command)


@tickets.put("/<uuid:ticket_id>/restoration")
@tickets.response(200, TicketOut)
def restore_ticket(ticket_id: UUID) -> Response:
    """Bring an archived ticket back."""
    command = commands.RestoreTicket(ticket_id=ticket_id, expected_version=web.if_match())
    return web.write(commands.restore_ticket, command)


@tickets.put("/<uuid:ticket_id>/assignment")
@tickets.arguments(TicketAssignmentIn)
@tickets.response(200, TicketOut)
def assign_ticket(wanted: dict[str, Any], ticket_id: UUID) -> Response:
    """Give a ticket to a person or a team."""
    command = commands.AssignTicket(ticket_id=ticket_id, expected_version=web.if_match(), **wanted)
    return web.write(commands.assign_ticket, command)


@tickets.put("/<uuid:ticket_id>/priority")
@tickets.arguments(TicketPriorityIn)
@tickets.response(200, TicketOut)
def prioritise_ticket(wanted: dict[str, Any], ticket_id: UUID) -> Response:
    """Set the priority, and with it the target of the clock."""
    command = commands.PrioritiseTicket(
        ticket_id=ticket_id, expected_version=web.if_match(), **wanted
    )
    return web.write(commands.prioritise_ticket, command)


@tickets.put("/<uuid:ticket_id>/status")
@tickets.arguments(TicketStatusIn)
@tickets.response(200, TicketOut)
def change_status(wanted: dict[str, Any], ticket_id: UUID) -> Response:
    """Take another status."""
    command = statuses.ChangeStatus(ticket_id=ticket_id, expected_version=web.if_match(), **wanted)
    return web.write(statuses.change_status, command)


@tickets.put("/<uuid:ticket_id>/resolution")
@tickets.response(200, TicketOut)
@web.needs("update", changes=("status",))
def resolve_ticket(ticket_id: UUID) -> Response:
    """Say that the customer is helped."""
    command = statuses.ResolveTicket(ticket_id=ticket_id, expected_version=web.if_match())
    return web.write(statuses.resolve_ticket, command)


@tickets.put("/<uuid:ticket_id>/reopening")
@tickets.response(200, TicketOut)
@web.needs("update", changes=("status",))
def reopen_ticket(ticket_id: UUID) -> Response:
    """Work on a resolved or lately closed ticket again."""
    command = statuses.ReopenTicket(ticket_id=ticket_id, expected_version=web.if_match())
    return web.write(statuses.reopen_ticket, command)


@tickets.get("/<uuid:ticket_id>/messages")
@tickets.arguments(MessageQuery, location="query")
@tickets.response(200, PageOut)
@web.needs("read", kind="ticket_message", subject=("ticket_id", "ticket"))
def list_messages(wanted: dict[str, Any], ticket_id: UUID) -> Response:
    """The conversation, oldest first."""
    web.read("ticket", ticket_id)
    return web.listing(
        queries.messages_of(ticket_id),
        kind="ticket_message",
        id_column=queries.MESSAGE_ID,
        sorts=queries.MESSAGE_SORTS,
        default="sent_at",
        args=wanted,
    )


@tickets.post("/<uuid:ticket_id>/messages")
@tickets.arguments(MessageIn)
@tickets.response(201, MessageOut)
def add_message(wanted: dict[str, Any], ticket_id: UUID) -> Response:
    """Answer the customer, note something among ourselves, or take the customer's message in."""
    command = messages.AddMessage(ticket_id=ticket_id, **wanted)
    return web.write(messages.add_message, command, status=201)


@tickets.get("/<uuid:ticket_id>/clocks")
@tickets.response(200, ClocksOut)
def list_clocks(ticket_id: UUID) -> dict[str, Any]:
    """The promises about a ticket, and how their time was counted."""
    web.read("ticket", ticket_id)
    now = clock.now()
    with web.sessions()() as session:
        found = queries.clocks_of(session, ticket_id)
    return {
        "items": [
            {
                "id": each.id,
                "metric": each.metric.value,
                "state": each.state.value,
                "started_at": each.started_at,
                "target_seconds": each.target_seconds,
                "due_at": each.due_at,
                "stopped_at": each.stopped_at,
                "explain": [asdict(span) for span in explain(each, now=now)],
            }
            for each in found
        ]
    }


def _creation(item: Mapping[str, Any]) -> web.Operation:
    command = TicketBatchIn().load(item["body"])
    is_import = isinstance(command, imports.ImportTicket)
    function = imports.import_ticket if is_import else commands.open_ticket
    return web.Operation(function, command, status=201)


def _update(item: Mapping[str, Any]) -> web.Operation:
    ticket_id, version = web.subject_of(item)
    changes = TicketPatch().load(item["body"])
    command = commands.UpdateTicket(ticket_id=ticket_id, expected_version=version, changes=changes)
    return web.Operation(commands.update_ticket, command)


def _archiving(item: Mapping[str, Any]) -> web.Operation:
    ticket_id, version = web.subject_of(item)
    command = commands.ArchiveTicket(
        ticket_id=ticket_id, expected_version=version, is_any_version=version is None
    )
    return web.Operation(commands.archive_ticket, command)
