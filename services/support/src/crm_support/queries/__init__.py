"""Every SELECT of support."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, select
from sqlalchemy.orm import Session

from crm_chassis import db
from crm_chassis.problems import NotFound
from crm_support.model.clock import SlaClock
from crm_support.model.message import TicketMessage
from crm_support.model.ticket import Ticket
from crm_support.model.values import ClockState, Metric, Priority, TicketStatus

TICKET_ID, MESSAGE_ID = Ticket.id, TicketMessage.id
TICKET_FILTERS = (
    "status",
    "priority",
    "kind",
    "channel",
    "requester_id",
    "account_id",
    "assignee_id",
    "team_id",
    "owner_id",
    "deal_id",
    "origin",
)
URGENCY = {Priority.LOW: 1, Priority.NORMAL: 2, Priority.HIGH: 3, Priority.URGENT: 4}
TICKET_SORTS: Mapping[str, Any] = {
    "created_at": Ticket.created_at,
    "updated_at": Ticket.updated_at,
    "public_no": Ticket.public_no,
    "priority": case(URGENCY, value=Ticket.priority, else_=0),
}
MESSAGE_SORTS: Mapping[str, Any] = {"sent_at": TicketMessage.sent_at}


def tickets(wanted: Mapping[str, Any]) -> Select[Any]:
    """Live tickets; `wanted` may name columns to equal, and `q`, a part of the subject."""
    equal = {name: wanted[name] for name in TICKET_FILTERS if wanted.get(name) is not None}
    found = select(Ticket).where(Ticket.archived_at.is_(None)).filter_by(**equal)
    if wanted.get("q"):
        found = found.where(Ticket.subject.icontains(wanted["q"], autoescape=True))
    return found


def messages_of(ticket_id: UUID) -> Select[Any]:
    """The conversation of a ticket."""
    return select(TicketMessage).where(TicketMessage.ticket_id == ticket_id)


def ticket_for_update(session: Session, ticket_id: UUID) -> Ticket:
    """The ticket, locked. Raises NotFound."""
    found = db.for_update(session, Ticket, ticket_id)
    if found is None:
        raise NotFound(f"ticket {ticket_id}")
    return found


def ticket_of_origin(session: Session, origin: str) -> Ticket | None:
    """The one ticket of this natural key, archived ones included."""
    return session.scalar(select(Ticket).where(Ticket.origin == origin))


def running_clock(session: Session, ticket_id: UUID, metric: Metric) -> SlaClock | None:
    """The clock that runs for the ticket; its ticket is locked, so nobody else moves it but the
    sweep, which this waits for.
    """
    return session.scalar(
        select(SlaClock)
        .where(
            SlaClock.ticket_id == ticket_id,
            SlaClock.metric == metric,
            SlaClock.state == ClockState.RUNNING,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def clocks_of(session: Session, ticket_id: UUID) -> Sequence[SlaClock]:
    """All clocks of a ticket, oldest first."""
    return session.scalars(
        select(SlaClock)
        .where(SlaClock.ticket_id == ticket_id)
        .order_by(SlaClock.started_at, SlaClock.id)
    ).all()


def overdue_clocks(session: Session, *, now: datetime, limit: int) -> Sequence[SlaClock]:
    """Running clocks past their time, locked, the longest overdue first; busy ones are skipped."""
    return session.scalars(
        select(SlaClock)
        .where(SlaClock.state == ClockState.RUNNING, SlaClock.due_at < now)
        .order_by(SlaClock.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def silent_tickets(session: Session, *, resolved_before: datetime, limit: int) -> Sequence[Ticket]:
    """Tickets resolved before the instant and quiet since, locked; busy ones are skipped."""
    return session.scalars(
        select(Ticket)
        .where(
            Ticket.status == TicketStatus.RESOLVED,
            Ticket.resolved_at < resolved_before,
            Ticket.archived_at.is_(None),
        )
        .order_by(Ticket.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
