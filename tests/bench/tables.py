"""The ORM rival's tables."""

import uuid

from sqlalchemy import Identity
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):
    """The rivals' tables."""


class Contact(Base):
    """A contact as little as it can be."""

    __tablename__ = "rival_contact"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    last_name: Mapped[str]
    email: Mapped[str]
    body: Mapped[str]


class Outbox(Base):
    """A fact to be sent."""

    __tablename__ = "rival_outbox"
    seq: Mapped[int] = mapped_column(Identity(always=True), primary_key=True, init=False)
    id: Mapped[uuid.UUID]
    body: Mapped[str]
