"""Starting, stopping and breaching the clocks of tickets."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_support import events, queries
from crm_support.model.clock import SlaClock, first_response
from crm_support.model.ticket import Ticket
from crm_support.model.values import ClockState, Metric

BREACHED_AT_ONCE = 500
_TOLD = {
    ClockState.RUNNING: events.sla_started,
    ClockState.MET: events.sla_met,
    ClockState.BREACHED: events.sla_breached,
    ClockState.CANCELLED: events.sla_cancelled,
}


def start_first_response(
    session: Session, ticket: Ticket, *, started_at: datetime, at: datetime
) -> SlaClock:
    """Start the ticket's first-response clock and tell it."""
    clock = first_response(
        ticket.id,
        requester_id=ticket.requester_id,
        priority=ticket.priority,
        started_at=started_at,
    )
    tell_clock(session, clock, at=at)
    return clock


def stop_first_response(session: Session, ticket: Ticket, *, at: datetime) -> None:
    """We answered: the clock that runs, if any, is met or breached."""
    clock = queries.running_clock(session, ticket.id, Metric.FIRST_RESPONSE)
    if clock is not None:
        clock.stop(at=at)
        tell_clock(session, clock, at=at)


def cancel_first_response(session: Session, ticket: Ticket, *, at: datetime) -> None:
    """No answer is awaited any more."""
    clock = queries.running_clock(session, ticket.id, Metric.FIRST_RESPONSE)
    if clock is not None:
        clock.cancel(at=at)
        tell_clock(session, clock, at=at)


def retarget_first_response(session: Session, ticket: Ticket, *, at: datetime) -> None:
    """The priority changed: the running clock gives way to one with the new target, whose time
    counts from the same start. A clock that has stopped keeps its verdict.
    """
    clock = queries.running_clock(session, ticket.id, Metric.FIRST_RESPONSE)
    if clock is not None:
        clock.cancel(at=at)
        tell_clock(session, clock, at=at)
        start_first_response(session, ticket, started_at=clock.started_at, at=at)


def breach_overdue_clocks(session: Session, *, now: datetime) -> int:
    """Note the clocks whose time has run out, each once; return how many."""
    overdue = queries.overdue_clocks(session, now=now, limit=BREACHED_AT_ONCE)
    for clock in overdue:
        if clock.breach(now=now):
            tell_clock(session, clock, at=now)
    return len(overdue)


def tell_clock(session: Session, clock: SlaClock, *, at: datetime) -> None:
    """Announce the state the clock is in."""
    outbox.add(session, _TOLD[clock.state], clock, at=at)
