"""What can be asked of tickets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import ids, outbox
from crm_fields.holding.writing import Holding
from crm_support import events, queries
from crm_support.commands.clocks import (
    cancel_first_response,
    retarget_first_response,
    start_first_response,
)
from crm_support.commands.holding import beginning, changing, held
from crm_support.commands.messages import write_message
from crm_support.commands.references import REFERENCES
from crm_support.model.ticket import Ticket
from crm_support.model.values import (
    Channel,
    Direction,
    MessageVisibility,
    Priority,
    TicketKind,
)

_STORED = (
    "subject",
    "requester_id",
    "account_id",
    "deal_id",
    "channel",
    "kind",
    "priority",
    "assignee_id",
    "origin",
    "owner_id",
    "team_id",
    "visibility",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTicket:
    """`body` is what the customer wrote; `origin` a natural key that only one ticket may have."""

    subject: str
    body: str | None = None
    requester_id: UUID | None = None
    account_id: UUID | None = None
    deal_id: UUID | None = None
    channel: Channel = Channel.WEB
    kind: TicketKind = TicketKind.QUESTION
    priority: Priority = Priority.NORMAL
    assignee_id: UUID | None = None
    tags: tuple[str, ...] = ()
    origin: str | None = None
    owner_id: UUID | None = None
    team_id: UUID | None = None
    visibility: str = "all"
    custom: Mapping[str, Any] = field(default_factory=dict)


def open_ticket(
    session: Session,
    command: OpenTicket,
    *,
    now: datetime,
    ticket_id: UUID | None = None,
    may_refuse: bool = True,
) -> Ticket:
    """Open a ticket with its first message, if any, and start its clock.

    Raises Invalid, and where it `may_refuse` RulesBroken, ValueTaken.
    """
    ticket, holding = new_ticket(session, command, now=now, ticket_id=ticket_id)
    holding.judge(session, ticket, may_refuse=may_refuse)
    outbox.add(session, events.ticket_opened, ticket, at=now)
    start_first_response(session, ticket, started_at=now, at=now)
    if command.body is not None:
        write_message(
            session,
            ticket,
            body=command.body,
            direction=Direction.IN,
            visibility=MessageVisibility.PUBLIC,
            author=None,
            at=now,
        )
    return ticket


def new_ticket(
    session: Session, command: OpenTicket, *, now: datetime, ticket_id: UUID | None = None
) -> tuple[Ticket, Holding]:
    """Build a ticket, to be judged and announced. Raises Invalid."""
    holding = beginning(session, command.custom, now=now)
    named = {name: getattr(command, name) for name in _STORED}
    settled = REFERENCES.settled(session, named)
    ticket = Ticket(id=ticket_id or ids.new(), tags=list(command.tags), **settled, **holding.fields)
    return ticket, holding


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateTicket:
    """`changes` holds only the fields to change, by the names of the ticket."""

    ticket_id: UUID
    expected_version: int | None
    changes: Mapping[str, Any]


def update_ticket(session: Session, command: UpdateTicket, *, now: datetime) -> Ticket:
    """Change fields of a ticket.

    Raises NotFound, StaleVersion, RecordArchived, Invalid, RulesBroken, ValueTaken.
    """
    ticket = queries.ticket_for_update(session, command.ticket_id)
    ticket.expect(command.expected_version)
    changes = REFERENCES.settled(session, command.changes)
    holding = changing(session, ticket, changes, now=now)
    if ticket.revise(holding.fields):
        holding.judge(session, ticket)
        outbox.add(session, events.ticket_updated, ticket, at=now)
    return ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignTicket:
    ticket_id: UUID
    expected_version: int | None
    assignee_id: UUID | None = None
    team_id: UUID | None = None


def assign_ticket(session: Session, command: AssignTicket, *, now: datetime) -> Ticket:
    """Give a ticket to somebody.

    Raises NotFound, StaleVersion, TicketClosed, TicketIsSpam, RecordArchived.
    """
    ticket = queries.ticket_for_update(session, command.ticket_id)
    if (ticket.assignee_id, ticket.team_id) == (command.assignee_id, command.team_id):
        return ticket
    ticket.expect(command.expected_version)
    settled = REFERENCES.settled(session, {"assignee_id": command.assignee_id})
    with held(session, ticket, now=now):
        ticket.assign(settled["assignee_id"], command.team_id)
    outbox.add(session, events.ticket_assigned, ticket, at=now)
    return ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class PrioritiseTicket:
    ticket_id: UUID
    expected_version: int | None
    priority: Priority


def prioritise_ticket(session: Session, command: PrioritiseTicket, *, now: datetime) -> Ticket:
    """Set a ticket's priority; its clock gets the target of the new one.

    Raises NotFound, StaleVersion, TicketClosed, TicketIsSpam, RecordArchived.
    """
    ticket = queries.ticket_for_update(session, command.ticket_id)
    if ticket.priority is command.priority:
        return ticket
    ticket.expect(command.expected_version)
    with held(session, ticket, now=now):
        ticket.prioritise(command.priority)
    outbox.add(session, events.ticket_priority_changed, ticket, at=now)
    retarget_first_response(session, ticket, at=now)
    return ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveTicket:
    """`is_any_version`: whatever it has become meanwhile, as a batch may ask."""

    ticket_id: UUID
    expected_version: int | None
    is_any_version: bool = False


def archive_ticket(session: Session, command: ArchiveTicket, *, now: datetime) -> Ticket:
    """Put a ticket away. Raises NotFound, StaleVersion."""
    ticket = queries.ticket_for_update(session, command.ticket_id)
    if ticket.archived_at is not None:
        return ticket
    if not command.is_any_version:
        ticket.expect(command.expected_version)
    ticket.archive(at=now)
    outbox.add(session, events.ticket_archived, ticket, at=now)
    cancel_first_response(session, ticket, at=now)
    return ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreTicket:
    ticket_id: UUID
    expected_version: int | None


def restore_ticket(session: Session, command: RestoreTicket, *, now: datetime) -> Ticket:
    """Bring an archived ticket back. Raises NotFound, StaleVersion."""
    ticket = queries.ticket_for_update(session, command.ticket_id)
    if ticket.archived_at is None:
        return ticket
    ticket.expect(command.expected_version)
    ticket.restore()
    outbox.add(session, events.ticket_restored, ticket, at=now)
    return ticket
