"""What every service publishes when it has followed a merge."""

from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID

from crm_contracts.base import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Repointing(Record):
    """What a service moved from an absorbed contact to its survivor, or back.

    `absorbed_version` is the version of the absorbed contact that was followed; `counts` says how
    many records of each kind moved.
    """

    kind: ClassVar[str] = "repointing"
    plural: ClassVar[str] = "repointings"

    absorbed_id: UUID
    absorbed_version: int
    survivor_id: UUID | None = None
    counts: dict[str, int] = field(default_factory=dict)
