"""Something to do."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate
from crm_contacts.model.errors import TaskCancelled
from crm_contacts.model.reminder import Reminder
from crm_contacts.model.root import Base, Reminders, Subjects
from crm_contacts.model.values import Priority, ReminderKind, Subject, TaskStatus, search_words

OPEN = frozenset({TaskStatus.OPEN, TaskStatus.IN_PROGRESS, TaskStatus.WAITING})


class Task(Aggregate, Base):
    """Something a person or a department has to do; `done_at` is set only while it is done.

    `remind_at` is when the next reminder is to be told, None when there is none.
    """

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
    collaborator_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default_factory=list)
    reminders: Mapped[tuple[Reminder, ...]] = mapped_column(Reminders, default=())
    board_id: Mapped[UUID | None] = mapped_column(default=None)
    column_id: Mapped[UUID | None] = mapped_column(default=None)
    overdue_at: Mapped[datetime | None] = mapped_column(init=False, default=None)
    remind_at: Mapped[datetime | None] = mapped_column(init=False, default=None)
    search_text: Mapped[str] = mapped_column(init=False, default="")

    def __post_init__(self) -> None:
        """Index a new task."""
        self.search_text = search_words(self.title)

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do it."""
        return self.status in OPEN and self.archived_at is None

    def change(self, changes: Mapping[str, Any], *, at: datetime) -> None:
        """Take over the fields named; a task that leaves `done` is no longer done at any time.

        What is due at another time is reminded of anew, and may become overdue once more.
        """
        values, due_at = dict(changes), self.due_at
        if "reminders" in values:
            values["reminders"] = self._known(values["reminders"])
        for name, value in values.items():
            if value != getattr(self, name):
                setattr(self, name, value)
        if self.status is not TaskStatus.DONE:
            self.done_at = None
        elif self.done_at is None:
            self.done_at = at
        if self.due_at != due_at:
            self._due_anew(at)
        self.search_text = search_words(self.title)
        self._schedule()

    def complete(self, *, at: datetime) -> None:
        """Be done. Raises TaskCancelled."""
        if self.status is TaskStatus.CANCELLED:
            raise TaskCancelled(self.id)
        self.status, self.done_at = TaskStatus.DONE, at
        self._schedule()

    def place(self, *, board_id: UUID | None, column_id: UUID | None) -> None:
        """Stand in a column of a board, or on none."""
        self.board_id, self.column_id = board_id, column_id

    def archive(self, *, at: datetime) -> None:
        """Put away; nobody is reminded of it."""
        super().archive(at=at)
        self._schedule()

    def restore(self) -> None:
        """Bring back from the archive."""
        super().restore()
        self._schedule()

    def remind(self, *, at: datetime) -> bool:
        """Count the reminders due by now as told; say whether there were any."""
        told = tuple(
            replace(each, reminded_at=at) if self._is_due(each, at) else each
            for each in self.reminders
        )
        is_new = told != self.reminders
        self.reminders = told
        self._schedule()
        return is_new

    def fall_overdue(self, *, at: datetime) -> bool:
        """Count as overdue, once; say whether that is new."""
        if not self.is_open or self.overdue_at is not None or not self.due_at or self.due_at > at:
            return False
        self.overdue_at = self.due_at
        return True

    def _is_due(self, reminder: Reminder, at: datetime) -> bool:
        instant = reminder.instant(self.due_at)
        return reminder.reminded_at is None and instant is not None and instant <= at

    def _known(self, wanted: Sequence[Reminder]) -> tuple[Reminder, ...]:
        """The reminders wanted, those told already still told."""
        known = [each for each in self.reminders if each.reminded_at is not None]
        return tuple(next((k for k in known if k.is_like(each)), each) for each in wanted)

    def _due_anew(self, at: datetime) -> None:
        self.overdue_at = None
        self.reminders = tuple(
            replace(each, reminded_at=None)
            if each.kind is ReminderKind.RELATIVE and (each.instant(self.due_at) or at) > at
            else each
            for each in self.reminders
        )

    def _schedule(self) -> None:
        waiting = [each for each in self.reminders if each.reminded_at is None]
        instants = [when for each in waiting if (when := each.instant(self.due_at))]
        self.remind_at = min(instants, default=None) if self.is_open else None
