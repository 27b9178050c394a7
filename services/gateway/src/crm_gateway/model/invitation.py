"""Somebody who may take up a place here, and links that set a password."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis import db
from crm_gateway.model.errors import InvitationSettled
from crm_gateway.model.identity import Base

INVITED_FOR, LINK_LASTS = timedelta(days=7), timedelta(hours=1)
LINKS_AN_HOUR = 3


class Invitation(Base):
    """An e-mail address, what its owner will be here, and the hash of the link they were sent."""

    __tablename__ = "invitation"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(Text, repr=False)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    token_hash: Mapped[bytes] = mapped_column(repr=False)
    invited_by: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(db.Utc)
    expires_at: Mapped[datetime] = mapped_column(db.Utc)
    team_id: Mapped[UUID | None] = mapped_column(default=None)
    sent: Mapped[int] = mapped_column(default=1)
    accepted_at: Mapped[datetime | None] = mapped_column(db.Utc, default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(db.Utc, default=None)
    user_id: Mapped[UUID | None] = mapped_column(default=None)

    @property
    def status(self) -> str:
        """Where it stands, its end left to whoever knows the time: open, accepted or revoked."""
        if self.accepted_at is not None:
            return "accepted"
        return "revoked" if self.revoked_at is not None else "open"

    def status_at(self, now: datetime) -> str:
        """Where it stands, `expired` for an open one that nobody took up in time."""
        is_late = self.status == "open" and self.expires_at <= now
        return "expired" if is_late else self.status

    def renew(self, token_hash: bytes, *, by: UUID, at: datetime) -> None:
        """Let another link count instead, for a week. Raises InvitationSettled."""
        self.refuse_if_settled()
        self.token_hash, self.invited_by = token_hash, by
        self.expires_at, self.sent = at + INVITED_FOR, self.sent + 1

    def refuse_if_settled(self) -> None:
        """Raise InvitationSettled for one that was accepted or revoked."""
        if self.status != "open":
            raise InvitationSettled(self.id)


class PasswordLink(Base):
    """A link that sets a password, once, within the hour."""

    __tablename__ = "password_link"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    token_hash: Mapped[bytes] = mapped_column(repr=False)
    created_at: Mapped[datetime] = mapped_column(db.Utc)
    expires_at: Mapped[datetime] = mapped_column(db.Utc)
    used_at: Mapped[datetime | None] = mapped_column(db.Utc, default=None)
