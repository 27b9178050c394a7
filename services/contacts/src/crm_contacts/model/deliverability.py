"""Whether an e-mail address works, by what became of mails to it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from crm_bounces import Class
from crm_chassis import ids
from crm_chassis.db import Aggregate
from crm_contacts.model.root import Base

_SOFT_BOUNCES, _SOFT_FOR = 3, timedelta(hours=72)
BY_HAND = "said by hand"
PERSISTENT = "persistent soft bounces"


class Deliverability(StrEnum):
    """What is known of an address."""

    UNKNOWN = "unknown"
    OK = "ok"
    SOFT = "soft"
    INVALID = "invalid"
    COMPLAINED = "complained"


class ContactPointState(Aggregate, Base):
    """The state of one address of one contact, and the run of soft bounces it is in."""

    __tablename__ = "contact_point_state"

    contact_id: Mapped[UUID]
    email: Mapped[str]
    deliverability: Mapped[Deliverability] = mapped_column(default=Deliverability.UNKNOWN)
    reason: Mapped[str | None] = mapped_column(default=None)
    bounce_class: Mapped[str | None] = mapped_column(default=None)
    code: Mapped[str | None] = mapped_column(default=None)
    bounce_streak: Mapped[int] = mapped_column(default=0)
    streak_since: Mapped[datetime | None] = mapped_column(default=None)
    bounced_at: Mapped[datetime | None] = mapped_column(default=None)

    @classmethod
    def of(cls, contact_id: UUID, email: str) -> Self:
        """The state of an address nobody has written to."""
        state_id = ids.derived("contact_point", contact_id, email)
        return cls(id=state_id, contact_id=contact_id, email=email)

    @property
    def works(self) -> bool:
        """Whether mail may be sent to it."""
        return self.deliverability not in {Deliverability.INVALID, Deliverability.COMPLAINED}

    def bounce(self, bounce_class: Class, *, reason: str, code: str, at: datetime) -> None:
        """Take a bounce: hard retires at once, the third soft one in 72 hours or more as well.

        A policy bounce says nothing of the address and changes nothing.
        """
        if bounce_class is Class.POLICY or self.deliverability is Deliverability.INVALID:
            return
        self.reason, self.bounce_class, self.code = reason, bounce_class.value, code or None
        self.bounced_at = at
        if bounce_class is Class.HARD:
            self.deliverability = Deliverability.INVALID
            return
        self.bounce_streak += 1
        self.streak_since = self.streak_since or at
        is_persistent = at - self.streak_since >= _SOFT_FOR and self.bounce_streak >= _SOFT_BOUNCES
        if is_persistent:
            self.deliverability, self.reason = Deliverability.INVALID, PERSISTENT
        elif self.deliverability is not Deliverability.COMPLAINED:
            self.deliverability = Deliverability.SOFT

    def complain(self, *, at: datetime) -> None:
        """Somebody called our mail spam."""
        if self.deliverability is not Deliverability.INVALID:
            self.deliverability, self.reason = Deliverability.COMPLAINED, "complaint"
            self.bounced_at = at

    def verify(self) -> bool:
        """A mail arrived, or the person wrote from it; an invalid address needs a correction."""
        if self.deliverability not in {Deliverability.UNKNOWN, Deliverability.SOFT}:
            return False
        self.deliverability, self.bounce_streak, self.streak_since = Deliverability.OK, 0, None
        self.reason = self.bounce_class = self.code = None
        return True

    def refute(self, *, at: datetime) -> bool:
        """Somebody knows that nobody is reached by it."""
        if self.deliverability is Deliverability.INVALID:
            return False
        self.deliverability, self.reason, self.bounced_at = Deliverability.INVALID, BY_HAND, at
        self.bounce_class = self.code = None
        return True

    def correct(self) -> bool:
        """Count as untried again."""
        if self.deliverability is Deliverability.UNKNOWN:
            return False
        self.deliverability, self.bounce_streak = Deliverability.UNKNOWN, 0
        self.streak_since = self.reason = self.bounce_class = self.code = None
        return True
