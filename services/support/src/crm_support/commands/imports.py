"""Tickets that were worked on elsewhere and bring their conversation along."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_support import events
from crm_support.commands.clocks import tell_clock
from crm_support.commands.messages import write_message
from crm_support.commands.tickets import OpenTicket, new_ticket
from crm_support.model.clock import SlaClock, first_response
from crm_support.model.errors import HistoryImpossible
from crm_support.model.message import TicketMessage
from crm_support.model.ticket import Ticket
from crm_support.model.values import Direction, MessageVisibility, TicketStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class PastMessage:
    body: str
    sent_at: datetime
    direction: Direction = Direction.IN
    visibility: MessageVisibility = MessageVisibility.PUBLIC
    author: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportTicket:
    """`messages` oldest first; `status` where it stands now, else what the messages lead to."""

    ticket: OpenTicket
    opened_at: datetime
    messages: tuple[PastMessage, ...] = ()
    status: TicketStatus | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None


def import_ticket(session: Session, command: ImportTicket, *, now: datetime) -> Ticket:
    """Open a ticket as it would be had it lived here; one fact tells of it as it is now.

    Raises HistoryImpossible, StatusNotReachable, TicketClosed, TicketIsSpam, Invalid, RulesBroken,
    ValueTaken.
    """
    _refuse_disorder([command.opened_at, *(each.sent_at for each in command.messages), now])
    ticket, holding = new_ticket(session, command.ticket, now=now)
    ticket.created_at = last_at = command.opened_at
    clock = first_response(
        ticket.id,
        requester_id=ticket.requester_id,
        priority=ticket.priority,
        started_at=command.opened_at,
    )
    for past in command.messages:
        last_at = past.sent_at
        _live(ticket, clock, _written(session, ticket, past))
    last_at = _end(ticket, command, last_at=last_at, now=now)
    _settle_clock(ticket, clock, at=last_at, now=now)
    holding.judge(session, ticket)
    outbox.add(session, events.ticket_opened, ticket, at=last_at)
    tell_clock(session, clock, at=clock.stopped_at or min(clock.due_at, now))
    return ticket


def _written(session: Session, ticket: Ticket, past: PastMessage) -> TicketMessage:
    return write_message(
        session,
        ticket,
        body=past.body,
        direction=past.direction,
        visibility=past.visibility,
        author=past.author,
        at=past.sent_at,
    )


def _live(ticket: Ticket, clock: SlaClock, message: TicketMessage) -> None:
    if message.is_question:
        ticket.hear(at=message.sent_at)
    elif message.is_answer:
        ticket.answer(at=message.sent_at)
        clock.stop(at=message.sent_at)


def _end(ticket: Ticket, command: ImportTicket, *, last_at: datetime, now: datetime) -> datetime:
    """Take the named status when it is not reached already; return when the last thing happened."""
    if command.status is None or command.status is ticket.status:
        return last_at
    resolved_at = command.resolved_at or last_at
    ended_at = command.closed_at or resolved_at
    _refuse_disorder([last_at, resolved_at, ended_at, now])
    if command.status is TicketStatus.CLOSED:
        ticket.move(TicketStatus.RESOLVED, at=resolved_at)
    ticket.move(command.status, at=ended_at)
    return ended_at


def _settle_clock(ticket: Ticket, clock: SlaClock, *, at: datetime, now: datetime) -> None:
    has_ended = ticket.is_ended or ticket.status is TicketStatus.SPAM
    clock.breach(now=at if has_ended else now)
    if has_ended:
        clock.cancel(at=at)


def _refuse_disorder(moments: list[datetime]) -> None:
    if any(later < earlier for earlier, later in itertools.pairwise(moments)):
        raise HistoryImpossible(errors={"opened_at": ["Times are out of order or to come."]})
