"""A text that departments share."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate
from crm_contacts.model.root import Base, Subjects
from crm_contacts.model.values import Subject, search_words


class Note(Aggregate, Base):
    """A text kept with one or more records; an answer names the note it answers.

    `reactions` are the users' ids by kind of reaction. What is `internal` never leaves the house.
    """

    __tablename__ = "note"

    body: Mapped[str]
    author: Mapped[str]
    pinned: Mapped[bool] = mapped_column(default=False)
    subjects: Mapped[tuple[Subject, ...]] = mapped_column(Subjects, default=())
    internal: Mapped[bool] = mapped_column(default=False)
    mentions: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default_factory=list)
    reactions: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    reply_to_id: Mapped[UUID | None] = mapped_column(default=None)
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

    def react(self, kind: str, user_id: UUID, *, is_on: bool) -> bool:
        """React, or take that back; say whether that is new."""
        who, before = str(user_id), list(self.reactions.get(kind, ()))
        after = [each for each in before if each != who] + ([who] if is_on else [])
        if (who in before) == is_on:
            return False
        others = {name: ids for name, ids in self.reactions.items() if name != kind}
        self.reactions = {**others, kind: after} if after else others
        return True


def mentioned(body: str, people: Iterable[tuple[UUID, str]]) -> list[UUID]:
    """Ids of those whose whole name stands behind an `@`, whatever its case; the longest name wins."""
    text, found = body.casefold(), list[UUID]()
    named = sorted(((name.casefold(), id_) for id_, name in people), key=lambda each: -len(each[0]))
    place = text.find("@")
    while place >= 0:
        rest = text[place + 1 :]
        longest = next((name for name, _ in named if _begins(rest, name)), None)
        found += [id_ for name, id_ in named if name == longest]
        place = text.find("@", place + 1)
    return list(dict.fromkeys(found))


def _begins(text: str, name: str) -> bool:
    return bool(name) and text.startswith(name) and not text[len(name) : len(name) + 1].isalnum()
