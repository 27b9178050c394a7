"""A text that departments share."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate
from crm_contacts.model.root import Base, Subjects
from crm_contacts.model.values import Subject, search_words


class Note(Aggregate, Base):
    """A text kept with one or more records."""

    __tablename__ = "note"

    body: Mapped[str]
    author: Mapped[str]
    pinned: Mapped[bool] = mapped_column(default=False)
    subjects: Mapped[tuple[Subject, ...]] = mapped_column(Subjects, default=())
    search_text: Mapped[str] = mapped_column(init=False, default="")

    def __post_init__(self) -> None:
        """Index a new note."""
        self.search_text = search_words(self.body)

    def change(self, changes: Mapping[str, Any]) -> None:
        """Take over the fields named."""
        for name, value in changes.items():
            if value != getattr(self, name):
                setattr(self, name, value)
        self.search_text = search_words(self.body)
