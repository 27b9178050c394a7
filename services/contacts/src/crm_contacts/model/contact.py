"""A person and the ways to reach them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm_chassis.db import Aggregate
from crm_contacts.model import recognition
from crm_contacts.model.errors import ContactUnnamed
from crm_contacts.model.point import AccountContact, ContactPoint, arranged, placed
from crm_contacts.model.reach import CHANNELS, Quality, phone_quality
from crm_contacts.model.root import Base
from crm_contacts.model.values import (
    ContactLifecycle,
    Link,
    Point,
    PointKind,
    merged,
    search_words,
    sort_key,
)
from crm_matching import Person
from crm_matching.keys import keys_of

_RETIRED = frozenset({"invalid", "complained"})
# Who complains has got the mail.
_QUALITY = {
    "ok": Quality.CORRECT,
    "complained": Quality.CORRECT,
    "invalid": Quality.INCORRECT,
}
_CONVERTED = frozenset({ContactLifecycle.CUSTOMER, ContactLifecycle.EVANGELIST})


class Contact(Aggregate, Base):
    """A person: prospect, customer, supplier or other."""

    __tablename__ = "contact"

    first_name: Mapped[str | None] = mapped_column(default=None)
    last_name: Mapped[str | None] = mapped_column(default=None)
    job_title: Mapped[str | None] = mapped_column(default=None)
    department: Mapped[str | None] = mapped_column(default=None)
    language: Mapped[str | None] = mapped_column(default=None)
    time_zone: Mapped[str | None] = mapped_column(default=None)
    birthday: Mapped[str | None] = mapped_column(default=None)
    lifecycle: Mapped[ContactLifecycle] = mapped_column(default=ContactLifecycle.LEAD)
    source: Mapped[str | None] = mapped_column(default=None)
    tags: Mapped[list[str]] = mapped_column(default_factory=list)
    do_not_call: Mapped[bool] = mapped_column(default=False)
    addresses: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default_factory=list)
    custom: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    secret: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    preferences: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    merged_into_id: Mapped[UUID | None] = mapped_column(init=False, default=None)
    sort_name: Mapped[str] = mapped_column(init=False, default="")
    search_text: Mapped[str] = mapped_column(init=False, default="")
    is_opted_out: Mapped[bool] = mapped_column(init=False, default=False)
    match_keys: Mapped[list[str]] = mapped_column(init=False, default_factory=list)
    points: Mapped[list[ContactPoint]] = relationship(
        order_by=[ContactPoint.kind, ContactPoint.position],
        lazy="selectin",
        cascade="all, delete-orphan",
        init=False,
    )
    links: Mapped[list[AccountContact]] = relationship(
        order_by=AccountContact.position,
        lazy="selectin",
        cascade="all, delete-orphan",
        init=False,
    )

    def __post_init__(self) -> None:
        """Have no points and links, for certain: what is merely unset is read again at flush."""
        self.points, self.links = [], []

    @property
    def name(self) -> str:
        """What people call the contact; the best way to reach it when it has no name."""
        spoken = " ".join(filter(None, (self.first_name, self.last_name)))
        return spoken or next((p.value for kind in PointKind for p in self.points_of(kind)), "")

    @property
    def account_id(self) -> UUID | None:
        """The account it mainly belongs to."""
        return next((link.account_id for link in self.links if link.is_primary), None)

    @property
    def person(self) -> Person:
        """The contact as it is recognised."""
        return recognition.person(
            first_name=self.first_name,
            last_name=self.last_name,
            birthday=self.birthday,
            emails=[point.value for point in self.points_of(PointKind.EMAIL)],
            phones=[
                point.value
                for point in self.points_of(PointKind.PHONE)
                if point.quality is not Quality.INCORRECT
            ],
            account_ids=[link.account_id for link in self.links],
            addresses=self.addresses,
            channels=[f"{each.kind}:{each.value}" for k in CHANNELS for each in self.points_of(k)],
        )

    @property
    def account_links(self) -> tuple[Link, ...]:
        """Its places in accounts, as values."""
        return tuple(
            Link(
                account_id=link.account_id,
                role=link.role,
                is_primary=link.is_primary,
                active=link.is_active,
            )
            for link in self.links
        )

    @account_links.setter
    def account_links(self, wanted: Sequence[Link]) -> None:
        """Have exactly these places."""
        self.links = placed(self.links, wanted, is_exact=True)
        self._index()

    def points_of(self, kind: PointKind) -> list[ContactPoint]:
        """Its e-mail addresses, or its telephone numbers, in order."""
        return [point for point in self.points if point.kind is kind]

    def change(self, changes: Mapping[str, Any]) -> None:
        """Take over the fields named. Raises ContactUnnamed when nothing to call it by is left."""
        values = dict(changes)
        emails, phones = values.pop("emails", None), values.pop("phones", None)
        channels = values.pop("channels", None)
        links, account = values.pop("account_links", None), values.pop("account_id", self)
        for name in {"custom", "secret"} & values.keys():
            values[name] = merged(getattr(self, name), values[name])
        for name, value in values.items():
            if value != getattr(self, name):
                setattr(self, name, value)
        if emails is not None:
            self._set_points(PointKind.EMAIL, emails)
        if phones is not None:
            self._set_points(PointKind.PHONE, phones)
        for kind in CHANNELS if channels is not None else ():
            self._set_points(kind, [each for each in channels if each.channel is kind])
        if links is not None:
            self._set_links(links)
        if account is not self:
            self._set_account(account)
        self._index()

    def join(self, account_id: UUID) -> None:
        """Belong to the account; mainly, unless it mainly belongs to another."""
        if any(link.account_id == account_id for link in self.links):
            return
        first = self.account_id is None
        self.links.append(
            AccountContact(account_id=account_id, position=len(self.links), is_primary=first)
        )
        self._index()

    def point(self, kind: PointKind, value: str) -> ContactPoint | None:
        """One of its e-mail addresses or telephone numbers."""
        return next((each for each in self.points_of(kind) if each.value == value), None)

    def add_channel(self, kind: PointKind, value: str) -> None:
        """Be reached by this as well."""
        known = [Point(value=each.value, label=each.label, primary=each.is_primary)
                 for each in self.points_of(kind)]  # fmt: skip
        self._set_points(kind, [*known, Point(value=value)])
        self._index()

    def judge_phone(
        self, point: ContactPoint, quality: Quality, *, by: str, why: str | None, at: datetime
    ) -> None:
        """Note whether a number is right; unknown: as far as its numbering plan says.

        One that is wrong is no evidence of who somebody is.
        """
        said = phone_quality(point.value) if quality is Quality.UNKNOWN else quality
        point.judge(said, by=by, why=why, at=at)
        self._index()

    def judge_address(
        self, email: str, deliverability: str, *, works: bool, by: str, why: str | None,
        at: datetime,
    ) -> None:  # fmt: skip
        """Note whether an address works; the next that does becomes primary in place of one not."""
        emails = self.points_of(PointKind.EMAIL)
        point = self.point(PointKind.EMAIL, email)
        if point is None:
            return
        quality = _QUALITY.get(deliverability, Quality.UNKNOWN)
        if quality is not point.quality:
            point.judge(quality, by=by, why=why, at=at)
        point.deliverability = deliverability
        heirs = [each for each in emails if each.deliverability not in _RETIRED]
        if point.is_primary and not works and heirs:
            point.is_primary, heirs[0].is_primary = False, True

    def opt_out(self, *, is_out: bool) -> bool:
        """Have no marketing at any e-mail address, nor at later ones, or have it again.

        Says whether that is new.
        """
        emails = self.points_of(PointKind.EMAIL)
        is_new = self.is_opted_out != is_out or any(each.opted_out != is_out for each in emails)
        for point in emails:
            point.opted_out = is_out
        self.is_opted_out = is_out
        return is_new

    @property
    def is_customer(self) -> bool:
        """Whether it counts as a customer, or as more."""
        return self.lifecycle in _CONVERTED

    def become_customer(self) -> bool:
        """Count as a customer from now on; say whether that is new."""
        if self.is_customer:
            return False
        self.lifecycle = ContactLifecycle.CUSTOMER
        return True

    def archive(self, *, at: datetime) -> None:
        """Put away; its e-mail addresses are free for others."""
        super().archive(at=at)
        for point in self.points:
            point.is_live = False

    def merge_into(self, survivor_id: UUID, *, at: datetime) -> None:
        """Be absorbed: put away, with the survivor's id in the place of one's own."""
        self.merged_into_id = survivor_id
        self.archive(at=at)

    def restore(self) -> None:
        """Bring back, with its addresses: a unique index refuses those taken meanwhile."""
        super().restore()
        self.merged_into_id = None
        for point in self.points:
            point.is_live = True

    def _set_points(self, kind: PointKind, wanted: Sequence[Point]) -> None:
        kept = arranged(kind, self.points_of(kind), wanted)
        for point in kept:
            point.opted_out = point.opted_out or (self.is_opted_out and kind is PointKind.EMAIL)
            point.is_live = self.archived_at is None
        others = [point for point in self.points if point.kind is not kind]
        if [*others, *kept] != self.points:
            self.points = sorted([*others, *kept], key=lambda point: (point.kind, point.position))

    def _set_links(self, wanted: Sequence[Link]) -> None:
        kept = placed(self.links, wanted)
        if kept != self.links:
            self.links = kept

    def _set_account(self, account_id: UUID | None) -> None:
        if account_id is None:
            self.links = [link for link in self.links if not link.is_primary]
            return
        for link in self.links:
            link.is_primary = link.account_id == account_id
        if not any(link.is_primary for link in self.links):
            link = AccountContact(account_id=account_id, position=len(self.links), is_primary=True)
            self.links = [*self.links, link]

    def _index(self) -> None:
        if not self.name:
            raise ContactUnnamed
        surname_first = " ".join(filter(None, (self.last_name, self.first_name)))
        self.sort_name = sort_key(surname_first or self.name)
        values = (point.value for point in self.points)
        self.search_text = search_words(self.first_name, self.last_name, self.job_title, *values)
        keys = sorted(keys_of(self.person))
        if keys != self.match_keys:
            self.match_keys = keys
