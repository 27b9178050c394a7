"""Users, teams, credentials and the company's settings."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, LargeBinary, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column

from crm_chassis import db

ROLES = ("admin", "member", "read-only")
SCOPES = ("read", "write", "admin")
ACCOUNT_TYPES = ("person", "service")


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):
    """What every mapped class of this service extends."""


class User(db.Aggregate, Base):
    """Somebody who signs in; or, of the type `service`, a program that has keys and an owner."""

    __tablename__ = "user"

    email: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    password_hash: Mapped[str | None] = mapped_column(Text, default=None, repr=False)
    active: Mapped[bool] = mapped_column(default=True)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    account_type: Mapped[str] = mapped_column(Text, default="person")

    @property
    def may_sign_in(self) -> bool:
        """Whether credentials of this user are honoured."""
        return self.active and self.archived_at is None

    def change(self, changes: dict[str, object]) -> None:
        """Take new values for name, roles, team_id, active, and of the password."""
        for name in (
            "name", "roles", "team_id", "active", "owner_id", "password_hash",
            "must_change_password",
        ):  # fmt: skip
            if name in changes:
                setattr(self, name, changes[name])


class Team(db.Aggregate, Base):
    """A group of users that share records, itself perhaps below another."""

    __tablename__ = "team"

    name: Mapped[str] = mapped_column(Text)
    parent_id: Mapped[UUID | None] = mapped_column(default=None)


class CompanySettings(db.Aggregate, Base):
    """Settings of the company this deployment serves; there is one row."""

    __tablename__ = "settings"

    base_currency: Mapped[str] = mapped_column(Text)
    time_zone: Mapped[str] = mapped_column(Text)
    fiscal_year_start: Mapped[str] = mapped_column(Text)


class Credential(Base):
    """A session or an API key; only the hash of its token is kept."""

    __tablename__ = "credential"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    token_hash: Mapped[bytes] = mapped_column(repr=False)
    user_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime] = mapped_column(db.Utc)
    expires_at: Mapped[datetime | None] = mapped_column(db.Utc, default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(db.Utc, default=None)
    address: Mapped[str | None] = mapped_column(Text, default=None)
    agent: Mapped[str | None] = mapped_column(Text, default=None)
    last_used_at: Mapped[datetime | None] = mapped_column(db.Utc, default=None)


class SecondFactor(Base):
    """A secret that one-time codes are made of; it counts once a first code confirmed it."""

    __tablename__ = "second_factor"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(repr=False)
    recovery: Mapped[list[bytes]] = mapped_column(ARRAY(LargeBinary), repr=False)
    confirmed_at: Mapped[datetime | None] = mapped_column(db.Utc, default=None)
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    next_sealed: Mapped[bytes | None] = mapped_column(default=None, repr=False)

    def replace(self, sealed: bytes) -> None:
        """Begin with another secret; one that counts goes on counting until that is confirmed."""
        if self.confirmed_at is None:
            self.sealed, self.last_step = sealed, 0
        else:
            self.next_sealed = sealed

    def confirm(self, recovery: list[bytes], *, step: int, at: datetime) -> None:
        """Let the newest secret count from now on."""
        if self.next_sealed is not None:
            self.sealed, self.next_sealed = self.next_sealed, None
        self.recovery, self.last_step, self.confirmed_at = recovery, step, at
