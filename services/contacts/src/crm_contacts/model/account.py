"""An organisation."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate
from crm_contacts.model.root import Base
from crm_contacts.model.values import (
    AccountLifecycle,
    AccountType,
    company_key,
    merged,
    search_words,
    sort_key,
)


class Account(Aggregate, Base):
    """An organisation that contacts belong to."""

    __tablename__ = "account"

    name: Mapped[str]
    legal_name: Mapped[str | None] = mapped_column(default=None)
    domain: Mapped[str | None] = mapped_column(default=None)
    industry: Mapped[str | None] = mapped_column(default=None)
    size_band: Mapped[str | None] = mapped_column(default=None)
    type: Mapped[AccountType] = mapped_column(default=AccountType.PROSPECT)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), default=None)
    lifecycle: Mapped[AccountLifecycle] = mapped_column(default=AccountLifecycle.LEAD)
    customer_since: Mapped[datetime | None] = mapped_column(init=False, default=None)
    renewal_date: Mapped[str | None] = mapped_column(default=None)
    tags: Mapped[list[str]] = mapped_column(default_factory=list)
    custom: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    secret: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    merged_into_id: Mapped[UUID | None] = mapped_column(init=False, default=None)
    name_key: Mapped[str] = mapped_column(init=False, default="")
    sort_name: Mapped[str] = mapped_column(init=False, default="")
    search_text: Mapped[str] = mapped_column(init=False, default="")

    def __post_init__(self) -> None:
        """Index a new account."""
        self._index()

    def change(self, changes: Mapping[str, Any]) -> None:
        """Take over the fields named."""
        values = dict(changes)
        for name in {"custom", "secret"} & values.keys():
            values[name] = merged(getattr(self, name), values[name])
        for name, value in values.items():
            if value != getattr(self, name):
                setattr(self, name, value)
        self._index()

    @property
    def is_customer(self) -> bool:
        """Whether it counts as a customer."""
        return self.lifecycle is AccountLifecycle.CUSTOMER

    def become_customer(self, *, at: datetime) -> bool:
        """Count as a customer, since `at` unless it did before; say whether that is new."""
        if self.is_customer:
            return False
        self.lifecycle = AccountLifecycle.CUSTOMER
        if self.type is AccountType.PROSPECT:
            self.type = AccountType.CUSTOMER
        self.customer_since = self.customer_since or at
        return True

    def merge_into(self, survivor_id: UUID, *, at: datetime) -> None:
        """Be absorbed: put away, with the survivor's id in the place of one's own."""
        self.merged_into_id = survivor_id
        self.archive(at=at)

    def restore(self) -> None:
        """Bring back, on its own."""
        super().restore()
        self.merged_into_id = None

    def _index(self) -> None:
        self.sort_name, self.name_key = sort_key(self.name), company_key(self.name)
        self.search_text = search_words(self.name, self.legal_name, self.domain)
