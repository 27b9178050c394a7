"""Something to do."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate
from crm_contacts.model.errors import TaskCancelled
from crm_contacts.model.root import Base, Subjects
from crm_contacts.model.values import Priority, Subject, TaskStatus, search_words


class Task(Aggregate, Base):
    """Something a person or a department has to do; `done_at` is set only while it is done."""

    __tablename__ = "task"

    title: Mapped[str]
    assignee_id: Mapped[UUID | None] = mapped_column(default=None)
    department: Mapped[str | None] = mapped_column(default=None)
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    priority: Mapped[Priority] = mapped_column(default=Priority.NORMAL)
    status: Mapped[TaskStatus] = mapped_column(default=TaskStatus.OPEN)
    done_at: Mapped[datetime | None] = mapped_column(init=False, default=None)
    subjects: Mapped[tuple[Subject, ...]] = mapped_column(Subjects, default=())
    origin: Mapped[str | None] = mapped_column(default=None)
    search_text: Mapped[str] = mapped_column(init=False, default="")

    def __post_init__(self) -> None:
        """Index a new task."""
        self.search_text = search_words(self.title)

    def change(self, changes: Mapping[str, Any], *, at: datetime) -> None:
        """Take over the fields named; a task that leaves `done` is no longer done at any time."""
        for name, value in changes.items():
            if value != getattr(self, name):
                setattr(self, name, value)
        if self.status is not TaskStatus.DONE:
            self.done_at = None
        elif self.done_at is None:
            self.done_at = at
        self.search_text = search_words(self.title)

    def complete(self, *, at: datetime) -> None:
        """Be done. Raises TaskCancelled."""
        if self.status is TaskStatus.CANCELLED:
            raise TaskCancelled(self.id)
        self.status, self.done_at = TaskStatus.DONE, at
