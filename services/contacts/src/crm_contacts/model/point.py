"""The ways to reach a person, and their places in organisations."""

from datetime import datetime
from typing import Self
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from crm_contacts.model.root import Base
from crm_contacts.model.values import NUMBERING_PLAN, PointKind, Quality, phone_quality


class ContactPoint(Base):
    """An e-mail address or telephone number of a contact; `is_live` while the contact is."""

    __tablename__ = "contact_point"

    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"), primary_key=True, init=False)
    kind: Mapped[PointKind] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str | None] = mapped_column(default=None)
    position: Mapped[int] = mapped_column(default=0)
    is_primary: Mapped[bool] = mapped_column(default=False)
    is_live: Mapped[bool] = mapped_column(default=True)
    deliverability: Mapped[str] = mapped_column(default="unknown")
    opted_out: Mapped[bool] = mapped_column(default=False)
    quality: Mapped[Quality] = mapped_column(default=Quality.UNKNOWN)
    judged_at: Mapped[datetime | None] = mapped_column(default=None)
    judged_by: Mapped[str | None] = mapped_column(default=None)
    judged_why: Mapped[str | None] = mapped_column(default=None)

    @classmethod
    def new(cls, kind: PointKind, value: str) -> Self:
        """One nobody has judged; of a telephone number its numbering plan says something."""
        if kind is not PointKind.PHONE:
            return cls(kind=kind, value=value)
        quality = phone_quality(value)
        why = None if quality is Quality.UNKNOWN else NUMBERING_PLAN
        return cls(kind=kind, value=value, quality=quality, judged_why=why)

    def judge(
        self, quality: Quality, *, by: str | None, why: str | None, at: datetime | None
    ) -> None:
        """Note whether it is right, and who says so."""
        self.quality, self.judged_by, self.judged_why, self.judged_at = quality, by, why, at


class AccountContact(Base):
    """A contact's place in an account."""

    __tablename__ = "account_contact"

    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"), primary_key=True, init=False)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    role: Mapped[str | None] = mapped_column(default=None)
    position: Mapped[int] = mapped_column(default=0)
    is_primary: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
