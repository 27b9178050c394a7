"""The ways to reach a person, and their places in organisations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from crm_contacts.model.reach import NUMBERING_PLAN, Quality, phone_quality
from crm_contacts.model.root import Base
from crm_contacts.model.values import Link, Point, PointKind


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


def arranged(
    kind: PointKind, known: Sequence[ContactPoint], wanted: Sequence[Point]
) -> list[ContactPoint]:
    """The points wanted, each once and in order, one of them primary; those known stay as judged."""
    there = {point.value: point for point in known}
    first = {each.value: each for each in reversed(wanted)}
    ordered = [first.pop(each.value) for each in wanted if each.value in first]
    primary = next((each.value for each in ordered if each.primary), None)
    kept = []
    for position, each in enumerate(ordered):
        point = there.get(each.value) or ContactPoint.new(kind, each.value)
        point.label, point.position = each.label, position
        point.is_primary = each.value == primary or (primary is None and position == 0)
        kept.append(point)
    return kept


def placed(
    known: Sequence[AccountContact], wanted: Sequence[Link], *, is_exact: bool = False
) -> list[AccountContact]:
    """The places wanted, each once; one of them is the main one, unless they are taken exactly."""
    there = {link.account_id: link for link in known}
    ordered = list({each.account_id: each for each in wanted}.values())
    primary = next((each.account_id for each in ordered if each.is_primary), None)
    kept = []
    for position, each in enumerate(ordered):
        link = there.get(each.account_id) or AccountContact(account_id=each.account_id)
        link.role, link.position, link.is_active = each.role, position, each.active
        is_first = primary is None and position == 0 and each.active and not is_exact
        link.is_primary = each.account_id == primary or is_first
        kept.append(link)
    return kept
