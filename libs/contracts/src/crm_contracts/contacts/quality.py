"""What contacts publishes of the quality of its data."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from crm_contracts.base import Fact, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityScores:
    """From 0 to 100: the share of the rules' weights that is kept."""

    score: int
    completeness: int
    validity: int
    freshness: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityAudit(Record):
    """A look at every contact and account; `findings` counts records by `kind.reason`."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "quality_audit"
    plural: ClassVar[str] = "quality-audits"

    status: str
    fresh_days: int
    job_id: UUID
    checked: dict[str, int] = field(default_factory=dict)
    findings: dict[str, int] = field(default_factory=dict)
    scores: dict[str, QualityScores] = field(default_factory=dict)
    completed_at: datetime | None = None


class QualityAuditStarted(Fact[QualityAudit], type="contacts.quality_audit.started.v1"):
    """An audit of all contacts and accounts was asked for."""


class QualityAuditCompleted(Fact[QualityAudit], type="contacts.quality_audit.completed.v1"):
    """An audit is done; what it found can be read."""


class QualityAuditFailed(Fact[QualityAudit], type="contacts.quality_audit.failed.v1"):
    """An audit broke off."""
