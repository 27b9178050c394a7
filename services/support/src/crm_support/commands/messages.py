"""What can be said in a ticket, and what it does to the ticket and its clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import db, outbox
from crm_support import events, queries
from crm_support.commands.clocks import stop_first_response
from crm_support.commands.holding import held
from crm_support.model.message import TicketMessage
from crm_support.model.ticket import Ticket
from crm_support.model.values import Direction, MessageVisibility


@dataclass(frozen=True, slots=True, kw_only=True)
class AddMessage:
    """Out and public: our answer. Out and internal: a note. In: the customer's."""

    ticket_id: UUID
    body: str
    direction: Direction = Direction.OUT
    visibility: MessageVisibility = MessageVisibility.PUBLIC
    author: str | None = None


def add_message(session: Session, command: AddMessage, *, now: datetime) -> TicketMessage:
    """Add to the conversation; nothing is overwritten, so no version is asked for.

    Raises NotFound, TicketClosed (open a new one), TicketIsSpam, RecordArchived.
    """
    ticket = queries.ticket_for_update(session, command.ticket_id)
    message = write_message(
        session,
        ticket,
        body=command.body,
        direction=command.direction,
        visibility=command.visibility,
        author=command.author,
        at=now,
    )
    _tell_ticket(session, ticket, message, at=now)
    return message


def write_message(
    session: Session,
    ticket: Ticket,
    *,
    body: str,
    direction: Direction,
    visibility: MessageVisibility,
    author: str | None,
    at: datetime,
) -> TicketMessage:
    """Store and announce a message alone; what it does to its ticket is the caller's business."""
    message = TicketMessage(
        ticket_id=ticket.id,
        requester_id=ticket.requester_id,
        direction=direction,
        audience=visibility,
        body=body,
        author=author or _author(session, ticket, direction),
        sent_at=at,
        owner_id=ticket.owner_id,
        team_id=ticket.team_id,
        visibility=ticket.visibility,
    )
    tell = events.message_received if message.is_question else events.message_sent
    outbox.add(session, tell, message, at=at)
    return message


def _tell_ticket(session: Session, ticket: Ticket, message: TicketMessage, *, at: datetime) -> None:
    ticket.refuse_archived()
    if message.is_question:
        was_ended = ticket.is_ended
        with held(session, ticket, now=at, may_refuse=False):  # what customers say is heard
            ticket.hear(at=at)
        tell = events.ticket_reopened if was_ended else events.ticket_customer_replied
        outbox.add(session, tell, ticket, at=at)
    elif message.is_answer:
        with held(session, ticket, now=at, may_refuse=False):
            ticket.answer(at=at)
        outbox.add(session, events.ticket_replied, ticket, at=at)
        stop_first_response(session, ticket, at=at)


def _author(session: Session, ticket: Ticket, direction: Direction) -> str:
    if direction is Direction.OUT:
        return db.context_of(session).actor
    return f"contact:{ticket.requester_id}" if ticket.requester_id else "customer"
