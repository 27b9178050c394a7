"""What contacts publishes of files of people that come in and go out."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from crm_contracts.base import Fact, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportColumn:
    """A column of a file and the field it is read as; None: nothing is taken from it."""

    header: str
    field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Import(Record):
    """A file of people and what became of it; its rows are asked for, not told."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "import"
    plural: ClassVar[str] = "imports"

    file_name: str
    size: int
    format: str
    system: str
    encoding: str
    delimiter: str | None = None
    columns: tuple[ImportColumn, ...] = ()
    mode: str
    match_keys: tuple[str, ...] = ()
    duplicates: str
    source: str
    date_order: str | None = None
    date_order_because: str | None = None
    status: str
    counts: dict[str, int] = field(default_factory=dict)
    job_id: UUID
    message: str | None = None
    forgotten_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Export(Record):
    """People written to a file; `filter` is what they were chosen by."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "export"
    plural: ClassVar[str] = "exports"

    file_name: str
    format: str
    filter: dict[str, str] = field(default_factory=dict)
    status: str
    rows: int = 0
    size: int = 0
    job_id: UUID
    message: str | None = None
    forgotten_at: datetime | None = None


class ImportCreated(Fact[Import], type="contacts.import.created.v1"):
    """A file of people came in; nothing is taken over yet."""


class ImportUpdated(Fact[Import], type="contacts.import.updated.v1"):
    """What a file's rows would become is known, or the file and its rows were deleted."""


class ImportStarted(Fact[Import], type="contacts.import.started.v1"):
    """The rows of a file are being taken over."""


class ImportCompleted(Fact[Import], type="contacts.import.completed.v1"):
    """Every row of a file was taken over or refused."""


class ImportFailed(Fact[Import], type="contacts.import.failed.v1"):
    """An import ended by a fault of ours; what it had done stays and can be reverted."""


class ImportReverted(Fact[Import], type="contacts.import.reverted.v1"):
    """What an import made was put away, what it changed was put back."""


class ExportCreated(Fact[Export], type="contacts.export.created.v1"):
    """Somebody asked for people in a file."""


class ExportUpdated(Fact[Export], type="contacts.export.updated.v1"):
    """The file of an export was deleted."""


class ExportCompleted(Fact[Export], type="contacts.export.completed.v1"):
    """The file can be fetched."""


class ExportFailed(Fact[Export], type="contacts.export.failed.v1"):
    """The file was not written to its end."""
