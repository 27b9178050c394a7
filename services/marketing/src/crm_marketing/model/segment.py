"""Segments, and the stays of contacts in them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis import ids
from crm_chassis.db import Aggregate
from crm_fields.types import Spec
from crm_marketing.model import predicate
from crm_marketing.model.errors import PredicateMismatch, SegmentNotStatic
from crm_marketing.model.root import Base
from crm_marketing.model.values import SegmentType

FIRST = UUID(int=0)


class Segment(Aggregate, Base):
    """A set of contacts, named one by one (static) or by a predicate (dynamic).

    `evaluated_to` is how far a full evaluation has come, null when none is under way. Nobody
    belongs to an archived one. A snapshot is a static one that remembers who was in another.
    """

    __tablename__ = "segment"

    name: Mapped[str]
    type: Mapped[SegmentType] = mapped_column(default=SegmentType.DYNAMIC)
    predicate: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), default=None)
    evaluated_to: Mapped[UUID | None] = mapped_column(default=None)
    evaluated_at: Mapped[datetime | None] = mapped_column(default=None)
    snapshot_of_id: Mapped[UUID | None] = mapped_column(default=None)

    @property
    def is_dynamic(self) -> bool:
        return self.type is SegmentType.DYNAMIC

    def select(self, wanted: dict[str, Any] | None, *, own: Iterable[Spec] = ()) -> None:
        """Take a predicate and have everybody evaluated; `own`: the company's own fields.

        Raises InvalidPredicate, PredicateMismatch.
        """
        if self.is_dynamic != (wanted is not None):
            raise PredicateMismatch(
                self.id, errors={"predicate": ["Only, and always, if dynamic."]}
            )
        if wanted is None or wanted == self.predicate:
            return
        predicate.parse(wanted, own)
        self.predicate = wanted
        self.evaluated_to = FIRST

    def put_away(self, *, at: datetime) -> None:
        """Archive, and have everybody leave."""
        self.archive(at=at)
        self.evaluated_to = FIRST

    def bring_back(self) -> None:
        """Restore, and have everybody evaluated."""
        self.restore()
        self.evaluated_to = FIRST

    def look_again(self) -> None:
        """Have everybody evaluated."""
        self.evaluated_to = FIRST

    def require_static(self) -> None:
        """Raise SegmentNotStatic unless members are named one by one."""
        if self.is_dynamic:
            raise SegmentNotStatic(self.id)


class SegmentTally(Aggregate, Base):
    """How many are in a segment; apart from it, so that counting never stales a form."""

    __tablename__ = "segment_tally"

    segment_id: Mapped[UUID]
    size: Mapped[int] = mapped_column(default=0)

    @staticmethod
    def id_of(segment_id: UUID) -> UUID:
        """The only tally of a segment."""
        return ids.derived("segment_tally", segment_id)


class SegmentMembership(Aggregate, Base):
    """A contact's stay in a segment; coming back is a new version of the same membership.

    `is_named` as long as a static segment names the contact, also while that is archived.
    """

    __tablename__ = "segment_membership"

    segment_id: Mapped[UUID]
    segment_name: Mapped[str]
    contact_id: Mapped[UUID]
    entered_at: Mapped[datetime]
    left_at: Mapped[datetime | None] = mapped_column(default=None)
    is_named: Mapped[bool] = mapped_column(default=False)

    @property
    def is_current(self) -> bool:
        return self.left_at is None

    def enter(self, segment: Segment, *, at: datetime) -> None:
        """Begin a stay anew, under the segment's present name."""
        self.segment_name, self.entered_at, self.left_at = segment.name, at, None
        self.is_named = not segment.is_dynamic

    def leave(self, *, at: datetime) -> None:
        """End the stay."""
        self.left_at = max(at, self.entered_at)
