"""What good data are: rules with weights, and audits that count where they are not kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate
from crm_contacts.model.root import Base

FRESH_DAYS = 365


class Dimension(StrEnum):
    """What a rule is about: what is missing, what cannot be right, what nobody looked at."""

    COMPLETENESS = "completeness"
    VALIDITY = "validity"
    FRESHNESS = "freshness"


class AuditStatus(StrEnum):
    """Where an audit stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a kind of record: the reason it gives, its usual weight, what to do."""

    reason: str
    dimension: Dimension
    weight: int
    advice: str


_COMPLETE, _VALID, _FRESH = Dimension.COMPLETENESS, Dimension.VALIDITY, Dimension.FRESHNESS
RULES: Mapping[str, tuple[Rule, ...]] = {
    "contact": (
        Rule("no-name", _COMPLETE, 15, "Add first and last name."),
        Rule("no-email", _COMPLETE, 25, "Add an e-mail address."),
        Rule("no-phone", _COMPLETE, 10, "Add a telephone number."),
        Rule("no-account", _COMPLETE, 10, "Say which company they belong to."),
        Rule("no-job-title", _COMPLETE, 5, "Add the job title."),
        Rule("no-owner", _COMPLETE, 10, "Give the contact to somebody."),
        Rule("email-does-not-work", _VALID, 25, "Find an address that works, or correct this one."),
        Rule("phone-without-country", _VALID, 10, "Write the number with its country code."),
        Rule("phone-does-not-work", _VALID, 10, "Find the right number, or correct this one."),
        Rule("may-be-double", _VALID, 15, "Decide the pair on the queue of duplicates."),
        Rule("nothing-new", _FRESH, 20, "Get in touch, or check that all of it still holds."),
    ),
    "account": (
        Rule("no-domain", _COMPLETE, 15, "Add the web domain."),
        Rule("no-industry", _COMPLETE, 10, "Add the industry."),
        Rule("no-size", _COMPLETE, 5, "Add the size."),
        Rule("no-contacts", _COMPLETE, 20, "Add somebody who works there."),
        Rule("no-owner", _COMPLETE, 15, "Give the account to somebody."),
        Rule("same-name", _VALID, 15, "Look whether both are one company."),
        Rule("renewal-passed", _VALID, 10, "Put in the next renewal, or take the date away."),
        Rule("nothing-new", _FRESH, 20, "Get in touch, or check that all of it still holds."),
    ),
}
REASONS = sorted({rule.reason for rules in RULES.values() for rule in rules})
Weights = Mapping[tuple[str, str], int]  # of kind and reason, where they differ from the usual


def weight_of(kind: str, rule: Rule, weights: Weights) -> int:
    """What a rule counts here."""
    return weights.get((kind, rule.reason), rule.weight)


def scores(kind: str, reasons: Iterable[str], weights: Weights) -> dict[str, int | None]:
    """From 0 to 100, over all and for each dimension; None where no rule counts.

    A score is the share of the weights of the rules that are kept, in whole percent.
    """
    failed = set(reasons)
    found: dict[str, int | None] = {"score": _share(kind, RULES[kind], failed, weights)}
    for dimension in Dimension:
        of = [rule for rule in RULES[kind] if rule.dimension is dimension]
        found[dimension.value] = _share(kind, of, failed, weights)
    return found


def _share(kind: str, rules: Iterable[Rule], failed: set[str], weights: Weights) -> int | None:
    weighed = [(rule.reason, weight_of(kind, rule, weights)) for rule in rules]
    whole = sum(weight for _, weight in weighed)
    kept = sum(weight for reason, weight in weighed if reason not in failed)
    return round(100 * kept / whole) if whole else None


class QualityAudit(Aggregate, Base):
    """A look at every contact and account; what it found stands in rows of its own."""

    __tablename__ = "quality_audit"

    job_id: Mapped[UUID]
    status: Mapped[AuditStatus] = mapped_column(default=AuditStatus.RUNNING)
    fresh_days: Mapped[int] = mapped_column(default=FRESH_DAYS)
    checked: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    findings: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    scores: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    completed_at: Mapped[datetime | None] = mapped_column(init=False, default=None)

    def complete(
        self,
        *,
        checked: Mapping[str, int],
        findings: Mapping[str, int],
        scores: Mapping[str, Any],
        at: datetime,
    ) -> None:
        """Come to an end, with what was found in numbers."""
        self.status, self.completed_at = AuditStatus.DONE, at
        self.checked, self.findings, self.scores = dict(checked), dict(findings), dict(scores)

    def fail(self) -> None:
        """Come to an end that is none."""
        self.status = AuditStatus.FAILED
