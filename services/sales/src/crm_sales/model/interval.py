"""The time a deal stood in each stage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate
from crm_sales.model.deal import Deal
from crm_sales.model.root import Base


class StageInterval(Aggregate, Base):
    """One stay of a deal in a stage. Opened and closed once; never overlaps another of its deal."""

    __tablename__ = "stage_interval"

    deal_id: Mapped[UUID]
    stage_id: Mapped[UUID]
    stage_name: Mapped[str]
    entered_at: Mapped[datetime]
    left_at: Mapped[datetime | None] = mapped_column(default=None)

    def close(self, *, at: datetime) -> datetime:
        """End the stay and return when: never before it began, though clocks of machines differ."""
        self.left_at = max(at, self.entered_at)
        return self.left_at

    def seconds(self, *, now: datetime) -> float:
        """How long the stay lasted, up to `now` while it lasts."""
        return max(((self.left_at or now) - self.entered_at).total_seconds(), 0.0)


def follow(deal: Deal, current: StageInterval | None, *, at: datetime) -> list[StageInterval]:
    """Bring the stays up to where the deal stands now; return those that changed, oldest first.

    A closed deal stands nowhere, so its stays cover exactly creation to closing.
    """
    changed = []
    if current is not None:
        if deal.is_open and current.stage_id == deal.stage_id:
            return []
        at = current.close(at=at)
        changed.append(current)
    if deal.is_open:
        changed.append(
            StageInterval(
                deal_id=deal.id,
                stage_id=deal.stage_id,
                stage_name=deal.stage_name,
                entered_at=at,
                owner_id=deal.owner_id,
                team_id=deal.team_id,
                visibility=deal.visibility,
            )
        )
    return changed


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeInStage:
    """All stays of one deal in one stage together."""

    stage_id: UUID
    stage_name: str
    visits: int
    seconds: float
    first_entered_at: datetime
    is_current: bool


def time_in_stages(intervals: Iterable[StageInterval], *, now: datetime) -> list[TimeInStage]:
    """Sum the stays per stage, in the order the stages were first entered; re-entries add."""
    stays: dict[UUID, list[StageInterval]] = {}
    for interval in sorted(intervals, key=lambda one: one.entered_at):
        stays.setdefault(interval.stage_id, []).append(interval)
    return [
        TimeInStage(
            stage_id=stage_id,
            stage_name=visits[-1].stage_name,
            visits=len(visits),
            seconds=sum(visit.seconds(now=now) for visit in visits),
            first_entered_at=visits[0].entered_at,
            is_current=visits[-1].left_at is None,
        )
        for stage_id, visits in stays.items()
    ]
