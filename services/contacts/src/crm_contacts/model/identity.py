"""Who somebody is on a channel, known to us or not."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate
from crm_contacts.model.root import Base
from crm_contacts.model.values import PointKind

SEEN_EVERY = timedelta(minutes=5)  # what comes sooner, with nothing new, is the same visit


class SeenOn(StrEnum):
    """Where somebody is seen: a web site (by its cookie), or a channel they write on."""

    WEB = "web"
    WHATSAPP = "whatsapp"
    CHAT = "chat"
    SOCIAL = "social"


class Identity(Aggregate, Base):
    """A visitor: one `value` on one channel, for ever; `contact_id` once it is known who it is."""

    __tablename__ = "identity"

    channel: Mapped[SeenOn]
    value: Mapped[str]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    contact_id: Mapped[UUID | None] = mapped_column(default=None)
    identified_at: Mapped[datetime | None] = mapped_column(init=False, default=None)
    profile: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)

    @property
    def point_kind(self) -> PointKind | None:
        """What way to reach a contact it is; a web site's cookie is none."""
        return None if self.channel is SeenOn.WEB else PointKind(self.channel.value)

    def see(self, profile: Mapping[str, Any], *, at: datetime) -> bool:
        """Note a visit, in whatever order visits are told; say whether that is worth telling."""
        known = {**self.profile, **profile}
        told = {key: value for key, value in known.items() if value is not None}
        is_news = at < self.first_seen_at or at - self.last_seen_at >= SEEN_EVERY
        if not is_news and told == self.profile:
            return False
        self.first_seen_at = min(self.first_seen_at, at)
        self.last_seen_at = max(self.last_seen_at, at)
        self.profile = told
        return True

    def identify(self, contact_id: UUID, *, at: datetime) -> None:
        """Be a contact from now on."""
        self.contact_id, self.identified_at = contact_id, at
