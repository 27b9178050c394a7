"""What can be asked of a ticket's status."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_support import events, queries
from crm_support.commands.clocks import cancel_first_response
from crm_support.commands.holding import held
from crm_support.model.ticket import ENDED, UNRESOLVED, Ticket
from crm_support.model.values import TicketStatus

_TOLD = {
    TicketStatus.RESOLVED: events.ticket_resolved,
    TicketStatus.CLOSED: events.ticket_closed,
}
CLOSED_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStatus:
    ticket_id: UUID
    expected_version: int | None
    status: TicketStatus


def change_status(session: Session, command: ChangeStatus, *, now: datetime) -> Ticket:
    """Take another status; open after resolved or closed reopens.

    Raises NotFound, StaleVersion, StatusNotReachable, TicketClosed, RecordArchived, RulesBroken.
    """
    ticket = queries.ticket_for_update(session, command.ticket_id)
    if ticket.status is command.status:
        return ticket
    ticket.expect(command.expected_version)
    with held(session, ticket, now=now):
        _moved(session, ticket, command.status, now=now)
    return ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveTicket:
    ticket_id: UUID
    expected_version: int | None


def resolve_ticket(session: Session, command: ResolveTicket, *, now: datetime) -> Ticket:
    """Say that the customer is helped. Raises as change_status."""
    wanted = ChangeStatus(
        ticket_id=command.ticket_id,
        expected_version=command.expected_version,
        status=TicketStatus.RESOLVED,
    )
    return change_status(session, wanted, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenTicket:
    ticket_id: UUID
    expected_version: int | None


def reopen_ticket(session: Session, command: ReopenTicket, *, now: datetime) -> Ticket:
    """Work on a resolved or lately closed ticket again; an unresolved one stays as it is.

    Raises NotFound, StaleVersion, TicketNotResolved, TicketClosed, RecordArchived.
    """
    ticket = queries.ticket_for_update(session, command.ticket_id)
    if ticket.status in UNRESOLVED:
        return ticket
    ticket.expect(command.expected_version)
    with held(session, ticket, now=now):
        ticket.reopen(at=now)
    outbox.add(session, events.ticket_reopened, ticket, at=now)
    return ticket


def close_silent_tickets(session: Session, *, resolved_before: datetime, now: datetime) -> int:
    """Close what was resolved before the instant and not reopened since; return how many."""
    silent = queries.silent_tickets(session, resolved_before=resolved_before, limit=CLOSED_AT_ONCE)
    for ticket in silent:
        with held(session, ticket, now=now, may_refuse=False):
            _moved(session, ticket, TicketStatus.CLOSED, now=now)
    return len(silent)


def _moved(session: Session, ticket: Ticket, status: TicketStatus, *, now: datetime) -> Ticket:
    was_ended = ticket.is_ended
    ticket.move(status, at=now)
    reopened = was_ended and status is TicketStatus.OPEN
    usual = events.ticket_reopened if reopened else events.ticket_status_changed
    outbox.add(session, _TOLD.get(status, usual), ticket, at=now)
    if status in ENDED or status is TicketStatus.SPAM:
        cancel_first_response(session, ticket, at=now)
    return ticket
