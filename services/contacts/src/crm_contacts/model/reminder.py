"""When people are reminded of a task."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from crm_contacts.model.values import ReminderKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """`minutes_before` a task is due, or `at` an instant; `reminded_at`: told already."""

    kind: ReminderKind
    minutes_before: int | None = None
    at: datetime | None = None
    reminded_at: datetime | None = None

    def instant(self, due_at: datetime | None) -> datetime | None:
        """When it is to be told; None while nothing is due."""
        if self.kind is ReminderKind.ABSOLUTE:
            return self.at
        return due_at and due_at - timedelta(minutes=self.minutes_before or 0)

    def is_like(self, other: "Reminder") -> bool:
        """Whether both say the same, told or not."""
        return (self.kind, self.minutes_before, self.at) == (
            other.kind,
            other.minutes_before,
            other.at,
        )

    def dumped(self) -> dict[str, Any]:
        """As the database keeps it."""
        return {
            "kind": self.kind.value,
            "minutes_before": self.minutes_before,
            "at": self.at and self.at.isoformat(),
            "reminded_at": self.reminded_at and self.reminded_at.isoformat(),
        }

    @classmethod
    def loaded(cls, kept: Mapping[str, Any]) -> Self:
        """Of what the database keeps."""
        times = {
            name: datetime.fromisoformat(kept[name]) if kept[name] else None
            for name in ("at", "reminded_at")
        }
        return cls(kind=ReminderKind(kept["kind"]), minutes_before=kept["minutes_before"], **times)
