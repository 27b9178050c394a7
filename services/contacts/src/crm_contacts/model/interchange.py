"""Files of people that come in and go out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate
from crm_contacts.model.errors import ImportBusy, ImportNotReady
from crm_contacts.model.root import Base


class ImportMode(StrEnum):
    """What an import does with rows that are nobody yet, and with those that are somebody."""

    CREATE = "create"
    UPDATE = "update"
    UPSERT = "upsert"


class MatchKey(StrEnum):
    """By what a row is known to be somebody."""

    EXTERNAL_ID = "external_id"
    EMAIL = "email"


class DuplicatesRule(StrEnum):
    """What happens to a row that may be somebody but is not known to be."""

    POLICY = "policy"
    REFUSE = "refuse"
    CREATE = "create"
    UPDATE = "update"


class ImportStatus(StrEnum):
    """Where an import stands."""

    READING = "reading"
    READY = "ready"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    REVERTING = "reverting"
    REVERTED = "reverted"


class RowStatus(StrEnum):
    """Where a row stands: read, planned (what it would become), or what became of it."""

    READ = "read"
    CREATE = "create"
    UPDATE = "update"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REVERTED = "reverted"
    KEPT = "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSettings:
    """What a person chooses; None: as it was, at first what the file suggests."""

    mapping: Mapping[str, str] | None = None
    mode: ImportMode | None = None
    match_keys: tuple[MatchKey, ...] | None = None
    duplicates: DuplicatesRule | None = None
    date_order: str | None = None
    source: str | None = None


BUSY = frozenset({ImportStatus.READING, ImportStatus.RUNNING, ImportStatus.REVERTING})
# What changes how rows are read; the rest only changes what is done with them.
_READ_BY = ("mapping", "date_order", "source")


class Import(Aggregate, Base):
    """A file of people, what was chosen for it, and what became of it."""

    __tablename__ = "import"

    job_id: Mapped[UUID]
    file_name: Mapped[str]
    size: Mapped[int]
    digest: Mapped[str]
    format: Mapped[str]
    system: Mapped[str]
    encoding: Mapped[str]
    delimiter: Mapped[str | None] = mapped_column(default=None)
    headers: Mapped[list[str]] = mapped_column(default_factory=list)
    rows_at: Mapped[int] = mapped_column(default=0)
    rows_line: Mapped[int] = mapped_column(default=1)
    mapping: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    mode: Mapped[ImportMode] = mapped_column(default=ImportMode.CREATE)
    match_keys: Mapped[list[str]] = mapped_column(default_factory=lambda: [*MatchKey])
    duplicates: Mapped[DuplicatesRule] = mapped_column(default=DuplicatesRule.POLICY)
    source: Mapped[str] = mapped_column(default="import")
    date_order: Mapped[str | None] = mapped_column(default=None)
    date_order_because: Mapped[str | None] = mapped_column(default=None)
    status: Mapped[ImportStatus] = mapped_column(default=ImportStatus.READING)
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, default_factory=dict)
    acting: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    message: Mapped[str | None] = mapped_column(default=None)
    forgotten_at: Mapped[datetime | None] = mapped_column(init=False, default=None)

    def choose(self, settings: ImportSettings) -> bool:
        """Take over what was chosen; say whether the rows have to be read anew for it."""
        before = [getattr(self, name) for name in _READ_BY]
        for name in ("mapping", "mode", "duplicates", "source"):
            value = getattr(settings, name)
            if value is not None and value != getattr(self, name):
                setattr(self, name, dict(value) if name == "mapping" else value)
        if settings.match_keys is not None:
            self.match_keys = [key.value for key in settings.match_keys]
        if settings.date_order not in {None, self.date_order}:
            self.date_order, self.date_order_because = settings.date_order, "chosen"
        return before != [getattr(self, name) for name in _READ_BY]

    def start(self, job_id: UUID, *, goes_on: bool) -> None:
        """Begin to take rows over, or to foresee anew what they become. Raises ImportNotReady."""
        if self.status is not ImportStatus.READY or self.forgotten_at is not None:
            raise ImportNotReady(self.id)
        self.status = ImportStatus.RUNNING if goes_on else ImportStatus.READING
        self.job_id = job_id

    def revert(self, job_id: UUID) -> None:
        """Begin to undo. Raises ImportBusy while something is under way, ImportNotReady before."""
        if self.status in BUSY:
            raise ImportBusy(self.id)
        if self.status is ImportStatus.READY:
            raise ImportNotReady(self.id, detail="nothing was taken over that could be undone")
        if self.forgotten_at is not None:
            raise ImportNotReady(self.id, detail="what it did was forgotten with its rows")
        self.status, self.job_id = ImportStatus.REVERTING, job_id

    def reach(self, status: ImportStatus, counts: Mapping[str, int]) -> None:
        """Come to the end of something."""
        self.status, self.counts, self.message = status, dict(counts), None

    def fail(self, message: str) -> None:
        """Come to an end that is not."""
        self.status, self.message = ImportStatus.FAILED, message[:500]


class ExportStatus(StrEnum):
    """Where an export stands."""

    QUEUED = "queued"
    DONE = "done"
    FAILED = "failed"


class Export(Aggregate, Base):
    """People to be written to a file, by these filters of the list of contacts."""

    __tablename__ = "export"

    job_id: Mapped[UUID]
    file_name: Mapped[str]
    format: Mapped[str]
    filter: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    status: Mapped[ExportStatus] = mapped_column(default=ExportStatus.QUEUED)
    rows: Mapped[int] = mapped_column(default=0)
    size: Mapped[int] = mapped_column(default=0)
    acting: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    message: Mapped[str | None] = mapped_column(default=None)
    forgotten_at: Mapped[datetime | None] = mapped_column(init=False, default=None)

    def complete(self, *, rows: int, size: int) -> None:
        """Come to a good end."""
        self.status, self.rows, self.size = ExportStatus.DONE, rows, size

    def fail(self, message: str) -> None:
        """Come to an end that is not."""
        self.status, self.message = ExportStatus.FAILED, message[:500]
