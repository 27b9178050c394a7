"""Mails to people of the house: what waits to go out, and what became of it."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis import db
from crm_gateway.model.errors import MailForgotten
from crm_gateway.model.identity import Base

KEPT = timedelta(days=30)
WAITED_FOR = timedelta(days=3)
REPEATED_FOR = timedelta(days=3)  # how long one that went wrong can be sent after all
_WAITS = (60, 300, 1_800, 7_200, 21_600)  # seconds; the last one repeats


class MailState(StrEnum):
    """Where a mail stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNSURE = "unsure"  # the server may have taken it: it is not sent again


_WENT_WRONG = frozenset({MailState.FAILED, MailState.UNSURE})


class Mail(Base):
    """An intent to send something once; what it says is sealed, and gone once it was sent."""

    __tablename__ = "mail"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text, repr=False)
    subject: Mapped[str] = mapped_column(Text)
    sealed: Mapped[bytes | None] = mapped_column(repr=False)
    queued_at: Mapped[datetime] = mapped_column(db.Utc)
    due_at: Mapped[datetime] = mapped_column(db.Utc)
    expires_at: Mapped[datetime] = mapped_column(db.Utc)
    state: Mapped[str] = mapped_column(Text, default=MailState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[UUID | None] = mapped_column(default=None)
    settled_at: Mapped[datetime | None] = mapped_column(db.Utc, default=None)
    fault: Mapped[str | None] = mapped_column(Text, default=None)

    def claim(self, sender_id: UUID) -> None:
        """Say who is about to hand it over."""
        self.state, self.claimed_by, self.attempts = MailState.SENDING, sender_id, self.attempts + 1

    def settle(self, state: MailState, *, at: datetime, fault: str | None = None) -> None:
        """Say what became of it; what it said is forgotten, unless it went wrong: for a while."""
        self.state, self.settled_at, self.fault = state, at, fault and fault[:500]
        if state not in _WENT_WRONG:
            self.sealed = None

    @property
    def may_be_repeated(self) -> bool:
        """Whether it went wrong, and what it says is still known."""
        return self.state in _WENT_WRONG and self.sealed is not None

    def queue_again(self, *, at: datetime) -> None:
        """Somebody wants it sent after all. Raises MailForgotten."""
        if not self.may_be_repeated:
            raise MailForgotten(self.id)
        self.state, self.due_at, self.expires_at = MailState.QUEUED, at, at + WAITED_FOR
        self.attempts, self.claimed_by, self.settled_at, self.fault = 0, None, None, None

    def put_off(self, *, at: datetime, fault: str, is_counted: bool) -> None:
        """Try it later; a try that never began does not count."""
        self.attempts -= 0 if is_counted else 1
        wait = _WAITS[min(self.attempts, len(_WAITS)) - 1] if is_counted else _WAITS[0] // 12
        self.state, self.claimed_by, self.fault = MailState.QUEUED, None, fault[:500]
        self.due_at = at + timedelta(seconds=wait)
