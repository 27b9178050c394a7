"""Users, teams, credentials and the company's settings."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column

from crm_chassis import db

ROLES = ("admin", "member", "read-only")
SCOPES = ("read", "write", "admin")


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):
    """What every mapped class of this service extends."""


class User(db.Aggregate, Base):
    """Somebody who signs in."""

    __tablename__ = "user"

    email: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    password_hash: Mapped[str | None] = mapped_column(Text, default=None, repr=False)
    active: Mapped[bool] = mapped_column(default=True)

    @property
    def may_sign_in(self) -> bool:
        """Whether credentials of this user are honoured."""
        return self.active and self.archived_at is None

    def change(self, changes: dict[str, object]) -> None:
        """Take new values for name, roles, team_id, active, password_hash."""
        for name in ("name", "roles", "team_id", "active", "password_hash"):
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
