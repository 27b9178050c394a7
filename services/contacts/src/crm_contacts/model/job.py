"""Long work that runs in steps."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate
from crm_contacts.model.root import Base


class JobStatus(StrEnum):
    """Where long work stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(Aggregate, Base):
    """Work of a kind, asked for and finished; how far it is stands in `Progress`."""

    __tablename__ = "job"

    work: Mapped[str]
    status: Mapped[JobStatus] = mapped_column(default=JobStatus.QUEUED)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    message: Mapped[str | None] = mapped_column(default=None)
    result: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    state: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    turned_at: Mapped[datetime | None] = mapped_column(init=False, default=None)

    def finish(self, result: dict[str, Any]) -> None:
        """Come to a good end."""
        self.status, self.result = JobStatus.DONE, result

    def fail(self, message: str) -> None:
        """Come to an end that is not."""
        self.status, self.message = JobStatus.FAILED, message[:500]


@dataclass(slots=True, kw_only=True)
class Progress:
    """How far a job is; `state` is where the next step goes on. `result` ends it."""

    job_id: UUID
    work: str
    status: str
    done: int
    total: int
    state: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] | None = None
