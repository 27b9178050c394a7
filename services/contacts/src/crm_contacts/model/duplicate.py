"""Two contacts that may be one person, and what to do about such at the door."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis import ids
from crm_chassis.db import Aggregate
from crm_contacts.model.root import Base
from crm_matching import DEFAULT, Judgement, Weights

_NEWS = 0.5  # of a score: that a name became a little more frequent is none


class DuplicateStatus(StrEnum):
    """Where a pair stands in the queue."""

    OPEN = "open"
    DISMISSED = "dismissed"
    MERGED = "merged"


class DuplicateRule(StrEnum):
    """What happens to a contact that may be there already."""

    BLOCK = "block"
    WARN = "warn"
    IGNORE = "ignore"


class Duplicate(Aggregate, Base):
    """A pair of contacts, the smaller id first; `digest` is of what was compared."""

    __tablename__ = "duplicate"

    a_id: Mapped[UUID]
    b_id: Mapped[UUID]
    score: Mapped[float] = mapped_column(default=0.0)
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default_factory=list)
    digest: Mapped[str] = mapped_column(default="")
    status: Mapped[DuplicateStatus] = mapped_column(default=DuplicateStatus.OPEN)
    decided_by: Mapped[str | None] = mapped_column(default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)

    @classmethod
    def of(cls, one: UUID, other: UUID) -> Self:
        """The pair, whose id follows from its contacts."""
        a_id, b_id = sorted((one, other))
        return cls(id=ids.derived("duplicate", a_id, b_id), a_id=a_id, b_id=b_id)

    def suspect(self, judgement: Judgement, *, digest: str) -> bool:
        """Take a judgement; say whether it is news: not while all that was compared is the same.

        So what was decided stays decided until a field that is compared changes. While it is open
        its score follows the weights.
        """
        evidence = [{"name": each.name, "weight": each.weight} for each in judgement.evidence]
        if digest == self.digest:
            moved = abs(judgement.score - self.score) >= _NEWS
            if not moved or self.status is not DuplicateStatus.OPEN:
                return False
            self.score, self.evidence = judgement.score, evidence
            return True
        self.score, self.evidence, self.digest = judgement.score, evidence, digest
        self.status, self.decided_by, self.decided_at = DuplicateStatus.OPEN, None, None
        return True

    def decide(self, status: DuplicateStatus, *, by: str, at: datetime) -> bool:
        """Take it off the queue; say whether it was on it."""
        if self.status is status:
            return False
        self.status, self.decided_by, self.decided_at = status, by, at
        return True

    def reopen(self) -> bool:
        """Put it back on the queue after a merge was undone; say whether it was off it."""
        if self.status is not DuplicateStatus.MERGED:
            return False
        self.status, self.decided_by, self.decided_at = DuplicateStatus.OPEN, None, None
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicatePolicy:
    """The deployment's rule and weights; `weights` are what differs from the usual ones."""

    rule: DuplicateRule = DuplicateRule.WARN
    same: float = DEFAULT.same
    review: float = DEFAULT.review
    weights: Mapping[str, float] = field(default_factory=dict)

    @property
    def effective(self) -> Weights:
        """All weights and thresholds."""
        return Weights(of={**DEFAULT.of, **self.weights}, same=self.same, review=self.review)
