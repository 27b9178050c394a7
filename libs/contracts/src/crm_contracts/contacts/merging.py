"""What contacts publishes of merges."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from crm_contracts.base import Fact, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge(Record):
    """Contacts, or accounts, that became one; `status` is merging, merged, undoing or undone.

    `subject_type` says which of the two they are. `moved` says per service how many records of each kind now belong to the survivor; `awaited`
    which services have not said so yet; `conflicts` which of the survivor's fields an undo left
    alone because they were changed since.
    """

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "merge"
    plural: ClassVar[str] = "merges"

    subject_type: str = "contact"
    survivor_id: UUID
    absorbed_ids: tuple[UUID, ...]
    status: str
    moved: dict[str, dict[str, int]] = field(default_factory=dict)
    awaited: tuple[str, ...] = ()
    undo_until: datetime
    undone_at: datetime | None = None
    conflicts: tuple[str, ...] = ()


class MergeCreated(Fact[Merge], type="contacts.merge.created.v1"):
    """Contacts or accounts were merged; the other services follow."""


class MergeUpdated(Fact[Merge], type="contacts.merge.updated.v1"):
    """Another service has followed a merge, or its undoing."""


class MergeUndone(Fact[Merge], type="contacts.merge.undone.v1"):
    """A merge was undone; the other services follow."""
