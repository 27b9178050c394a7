"""Making several contacts or accounts one, and telling them apart again."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate
from crm_contacts.model.root import Base

UNDO_WITHIN = timedelta(days=30)
# Who refers to what; marketing knows accounts by their contacts alone.
FOLLOWERS: Mapping[str, tuple[str, ...]] = {
    "contact": ("sales", "marketing", "support"),
    "account": ("sales", "support"),
}


class MergeStatus(StrEnum):
    """How far a merge, or its undoing, has come."""

    MERGING = "merging"
    MERGED = "merged"
    UNDOING = "undoing"
    UNDONE = "undone"


class Merge(Aggregate, Base):
    """One merge, with what undoing it takes.

    `before` and `after` are the survivor's fields; `redirected` says of those absorbed earlier
    whose they were; `pairs` are the duplicates it took off the queue; `awaited` lists
    `[absorbed, version, service]` for each service that has not followed yet.
    """

    __tablename__ = "merge"

    subject_type: Mapped[str]
    survivor_id: Mapped[UUID]
    absorbed_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    undo_until: Mapped[datetime]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    status: Mapped[MergeStatus] = mapped_column(default=MergeStatus.MERGING)
    moved: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    awaited: Mapped[list[list[Any]]] = mapped_column(JSONB, default_factory=list)
    redirected: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    pairs: Mapped[list[str]] = mapped_column(default_factory=list)
    undone_at: Mapped[datetime | None] = mapped_column(default=None)
    conflicts: Mapped[list[str]] = mapped_column(default_factory=list)

    @property
    def awaited_services(self) -> tuple[str, ...]:
        """Which services have not followed yet."""
        return tuple(sorted({service for _, _, service in self.awaited}))

    @property
    def is_undone(self) -> bool:
        """Whether it was undone, be it that others still follow."""
        return self.status in {MergeStatus.UNDOING, MergeStatus.UNDONE}

    def wait_for(self, absorbed: Iterable[Aggregate]) -> None:
        """Have every service that refers to such records follow what was told of these."""
        self.awaited = [
            [str(each.id), each.version, service]
            for each in absorbed
            for service in FOLLOWERS[self.subject_type]
        ]

    def acknowledge(
        self, absorbed_id: UUID, version: int, service: str, counts: Mapping[str, int]
    ) -> None:
        """Note that a service has followed."""
        done = [str(absorbed_id), version, service]
        self.awaited = [each for each in self.awaited if each != done]
        if not self.is_undone:
            self.moved = {**self.moved, service: total([self.moved.get(service, {}), counts])}
        if not self.awaited:
            self.status = MergeStatus.UNDONE if self.is_undone else MergeStatus.MERGED

    def undo(self, conflicts: Sequence[str], *, at: datetime) -> None:
        """Count as undone; `conflicts` are the survivor's fields that stayed as they are."""
        self.status, self.undone_at, self.conflicts = MergeStatus.UNDOING, at, list(conflicts)


def total(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Return the sum of counts, kind by kind."""
    found: dict[str, int] = {}
    for each in counts:
        for kind, number in each.items():
            found[kind] = found.get(kind, 0) + number
    return found
