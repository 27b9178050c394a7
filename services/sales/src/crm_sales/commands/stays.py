"""Keeping a deal's stays in step with where it stands."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_sales import events
from crm_sales.model.deal import Deal
from crm_sales.model.interval import StageInterval, follow


def follow_deal(
    session: Session, deal: Deal, current: StageInterval | None, *, at: datetime
) -> StageInterval | None:
    """Close and open stays as the deal's move asks, announce them, return the one it is in."""
    for interval in follow(deal, current, at=at):
        tell = events.stage_interval_closed if interval.left_at else events.stage_interval_opened
        outbox.add(session, tell, interval, at=interval.left_at or interval.entered_at)
        current = interval
    return current if deal.is_open else None
