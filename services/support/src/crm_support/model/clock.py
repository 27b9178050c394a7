"""The clock that runs from a customer's question to our answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate
from crm_support.model.root import Base
from crm_support.model.values import FIRST_RESPONSE_TARGETS, ClockState, Metric, Priority


class SlaClock(Aggregate, Base):
    """Runs until it is met, breached or cancelled, and never again after that."""

    __tablename__ = "sla_clock"

    ticket_id: Mapped[UUID]
    requester_id: Mapped[UUID | None]
    metric: Mapped[Metric]
    started_at: Mapped[datetime]
    target_seconds: Mapped[int]
    due_at: Mapped[datetime]
    state: Mapped[ClockState] = mapped_column(default=ClockState.RUNNING)
    stopped_at: Mapped[datetime | None] = mapped_column(default=None)

    @property
    def is_running(self) -> bool:
        return self.state is ClockState.RUNNING

    def stop(self, *, at: datetime) -> None:
        """We answered: met when in time, breached when late. A stopped clock stays as it is."""
        if self.is_running:
            self.state = ClockState.MET if at <= self.due_at else ClockState.BREACHED
            self.stopped_at = at

    def breach(self, *, now: datetime) -> bool:
        """The target passed without an answer; say whether that is news."""
        if not self.is_running or now <= self.due_at:
            return False
        self.state = ClockState.BREACHED
        return True

    def cancel(self, *, at: datetime) -> None:
        """No answer is awaited any more. A stopped clock stays as it is."""
        if self.is_running:
            self.state, self.stopped_at = ClockState.CANCELLED, at


def first_response(
    ticket_id: UUID, *, requester_id: UUID | None, priority: Priority, started_at: datetime
) -> SlaClock:
    """A running first-response clock; every hour counts (24x7)."""
    target = FIRST_RESPONSE_TARGETS[priority]
    return SlaClock(
        ticket_id=ticket_id,
        requester_id=requester_id,
        metric=Metric.FIRST_RESPONSE,
        started_at=started_at,
        target_seconds=int(target.total_seconds()),
        due_at=started_at + target,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A part of a clock's time and how it counted."""

    kind: str
    started_at: datetime
    ended_at: datetime
    seconds: int


def explain(clock: SlaClock, *, now: datetime) -> list[Span]:
    """Tile the clock's time exactly: `counted` up to the target, `over` after it."""
    end = clock.stopped_at or now
    due = clock.started_at + timedelta(seconds=clock.target_seconds)
    spans = [_span("counted", clock.started_at, min(end, due))]
    if end > due:
        spans.append(_span("over", due, end))
    return spans


def _span(kind: str, start: datetime, end: datetime) -> Span:
    return Span(
        kind=kind, started_at=start, ended_at=end, seconds=int((end - start).total_seconds())
    )
