"""The columns every aggregate has, and money."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Identity, Numeric, String
from sqlalchemy.orm import (
    Composite,
    Mapped,
    MappedAsDataclass,
    composite,
    declared_attr,
    mapped_column,
)

from crm_chassis import ids
from crm_chassis.problems import PreconditionRequired, StaleVersion

Utc = DateTime(timezone=True)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency (ISO 4217), four decimals at most."""

    amount: Decimal
    currency: str


def money_columns(name: str) -> Composite[Any]:
    """Map a nullable Money onto `<name>` numeric(19,4) and `<name>_currency` char(3)."""
    return composite(
        Money,
        # The key differs from the attribute: a composite may not be named like its column.
        mapped_column(name, Numeric(19, 4), nullable=True, key=f"{name}_number"),
        mapped_column(f"{name}_currency", String(3), nullable=True),
        return_none_on=lambda amount, _: amount is None,
        default=None,
    )


class Aggregate(MappedAsDataclass, kw_only=True):
    """Mixin: identity, version, times, actors, owner. `outbox.add` raises the version."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    public_no: Mapped[int] = mapped_column(BigInteger, Identity(), init=False)
    version: Mapped[int] = mapped_column(BigInteger, init=False, default=0)
    created_at: Mapped[datetime | None] = mapped_column(Utc, init=False, default=None)
    updated_at: Mapped[datetime | None] = mapped_column(Utc, init=False, default=None)
    created_by: Mapped[str | None] = mapped_column(init=False, default=None)
    updated_by: Mapped[str | None] = mapped_column(init=False, default=None)
    archived_at: Mapped[datetime | None] = mapped_column(Utc, init=False, default=None)
    owner_id: Mapped[UUID | None] = mapped_column(default=None)
    team_id: Mapped[UUID | None] = mapped_column(default=None)
    visibility: Mapped[str] = mapped_column(default="all")

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805
        """Refuse a lost update even where a lock was forgotten."""
        return {"version_id_col": cls.version, "version_id_generator": False}

    def expect(self, version: int | None) -> None:
        """Raise PreconditionRequired without a version, StaleVersion with another one."""
        if version is None:
            raise PreconditionRequired(self.id)
        if version != self.version:
            raise StaleVersion(self.id, current=self.version)

    def archive(self, *, at: datetime) -> None:
        """Put away; reads go on answering."""
        self.archived_at = at

    def restore(self) -> None:
        """Bring back from the archive."""
        self.archived_at = None
