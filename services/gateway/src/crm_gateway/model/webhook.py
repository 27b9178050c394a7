"""Where facts are sent to, and how often what was not taken is tried again."""

import random
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis import db
from crm_gateway.model.identity import Base

KEPT = timedelta(days=30)
GIVEN_UP_AFTER = timedelta(days=3)
OVERLAP = timedelta(hours=24)
_WAITS = (5, 30, 120, 600, 1_800, 3_600, 10_800, 21_600, 43_200)  # seconds; the last one repeats
_JITTER = 0.2
BREAKS_AFTER = 5  # failures in a row, of any deliveries
_FIRST_REST, _LONGEST_REST = timedelta(seconds=30), timedelta(hours=1)


class DeliveryState(StrEnum):
    """Where the sending of one fact to one webhook stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    KEPT = "kept"  # to be fetched: the webhook has no address


class Webhook(db.Aggregate, Base):
    """Facts of these types whose record meets `where` are sent to `url`, or kept to be fetched."""

    __tablename__ = "webhook"

    name: Mapped[str] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    types: Mapped[list[str]] = mapped_column(ARRAY(Text))
    sealed_secret: Mapped[bytes] = mapped_column(repr=False)
    wanted_since: Mapped[datetime] = mapped_column(db.Utc)
    where: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), default=None)
    active: Mapped[bool] = mapped_column(default=True)
    paused_reason: Mapped[str | None] = mapped_column(Text, default=None)
    sealed_former: Mapped[bytes | None] = mapped_column(default=None, repr=False)
    former_until: Mapped[datetime | None] = mapped_column(db.Utc, default=None)

    def change(self, changes: Mapping[str, Any]) -> None:
        """Take over the fields named; whoever sets it going again clears why it had paused."""
        for name, value in changes.items():
            if value != getattr(self, name):
                setattr(self, name, value)
        if changes.get("active"):
            self.paused_reason = None

    def pause(self, reason: str) -> None:
        """Send nothing more until somebody sets it going again; what happens is kept meanwhile."""
        self.active, self.paused_reason = False, reason

    def rotate(self, sealed: bytes, *, now: datetime) -> None:
        """Take a new secret; for a day what is sent is signed by the former one as well."""
        self.sealed_former, self.former_until = self.sealed_secret, now + OVERLAP
        self.sealed_secret = sealed


def next_try_at(attempts: int, *, now: datetime, asked: float | None = None) -> datetime:
    """Return when to try again after so many attempts; `asked`: seconds the receiver asked for."""
    wait = _WAITS[min(max(attempts, 1), len(_WAITS)) - 1]
    jitter = random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - spreads load, hides nothing
    return now + timedelta(seconds=max(wait * jitter, min(asked or 0, _WAITS[-1])))


def rests_until(streak: int, *, now: datetime) -> datetime | None:
    """Return until when nothing is sent after so many failures in a row; then one is tried."""
    if streak < BREAKS_AFTER:
        return None
    rest: timedelta = _FIRST_REST * 2 ** min(streak - BREAKS_AFTER, 10)
    return now + min(rest, _LONGEST_REST)


def is_of(types: Iterable[str], given: str) -> bool:
    """Say whether a fact's type is one of these: whole, `sales.deal.*`, `sales.*` or `*`."""
    return any(
        each in {"*", given} or (each.endswith(".*") and given.startswith(each[:-1]))
        for each in types
    )


def delivery_path(webhook_id: UUID, fact_id: UUID) -> str:
    """Return where a delivery's log is read."""
    return f"/v1/webhooks/{webhook_id}/deliveries/{fact_id}"
