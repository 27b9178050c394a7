"""Lists as people like to see them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ARRAY, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis import db
from crm_gateway.model.identity import Base

OBJECTS = ("contact", "account", "lead", "deal", "task", "ticket")


class SavedView(db.Aggregate, Base):
    """What is filtered, how it is sorted and which columns are shown; its owner changes it."""

    __tablename__ = "saved_view"

    object: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    filter: Mapped[dict[str, str]] = mapped_column(JSONB, default_factory=dict)
    sort: Mapped[str | None] = mapped_column(Text, default=None)
    columns: Mapped[list[str]] = mapped_column(ARRAY(Text), default_factory=list)

    def change(self, changes: Mapping[str, Any]) -> None:
        """Take over the fields named."""
        for name, value in changes.items():
            if value != getattr(self, name):
                setattr(self, name, value)
