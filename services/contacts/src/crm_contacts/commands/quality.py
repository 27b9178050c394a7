"""Auditing the quality of all contacts and accounts, in steps; what rules weigh."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import db, ids, outbox
from crm_contacts.events import quality as events
from crm_contacts.events import recognition
from crm_contacts.model.job import Job, Progress
from crm_contacts.model.quality import FRESH_DAYS, RULES, QualityAudit
from crm_contacts.queries import quality as queries
from crm_contacts.queries import records

WORK = "quality audit"
AT_ONCE = 2_000  # records a transaction
KEPT = 3  # audits whose findings are kept
_EVERY = timedelta(days=1)
_KINDS = tuple(RULES)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuality:
    """Look at every contact and account; what nobody touched for so long is not fresh."""

    owner_id: UUID | None = None
    fresh_days: int = FRESH_DAYS


def audit_quality(session: Session, command: AuditQuality, *, now: datetime) -> QualityAudit:
    """Ask for an audit."""
    job_id = ids.new()
    audit = QualityAudit(job_id=job_id, fresh_days=command.fresh_days)
    outbox.add(session, events.quality_audit_started, audit, at=now)
    job = Job(id=job_id, work=WORK, owner_id=command.owner_id, state={"audit_id": str(audit.id)})
    outbox.add(session, recognition.job_created, job, at=now)
    return audit


def audit_daily(session: Session, *, now: datetime) -> None:
    """Ask for an audit when the last is a day old."""
    last = queries.newest_start(session)
    if last is None or now - last >= _EVERY:
        audit_quality(session, AuditQuality(), now=now)


def begin(session: Session, progress: Progress) -> None:
    """Start with the first kind."""
    del session
    progress.state = {**progress.state, "kind": 0, "after": None, "checked": {}}


def carry_on(session: Session, progress: Progress, *, now: datetime) -> None:
    """Judge the next records; after the last, count."""
    state = progress.state
    audit = records.for_update(session, QualityAudit, UUID(state["audit_id"]))
    if state["kind"] >= len(_KINDS):
        _complete(session, audit, progress, now=now)
        return
    kind = _KINDS[state["kind"]]
    last, count = queries.judge(
        session, kind, audit_id=audit.id, after=UUID(state["after"]) if state["after"] else None,
        limit=AT_ONCE, fresh_days=audit.fresh_days, now=now,
    )  # fmt: skip
    progress.done += count
    progress.total = max(progress.total, progress.done)
    checked = {**state["checked"], kind: state["checked"].get(kind, 0) + count}
    is_over = count < AT_ONCE
    progress.state = {
        **state,
        "kind": state["kind"] + is_over,
        "after": None if is_over or last is None else str(last),
        "checked": checked,
    }


def give_up(session: Session, progress: Progress, message: str, *, now: datetime) -> None:
    """Have the audit fail with its job."""
    del message
    audit = records.maybe_for_update(session, QualityAudit, UUID(progress.state["audit_id"]))
    if audit is not None:
        audit.fail()
        outbox.add(session, events.quality_audit_failed, audit, at=now)


def set_weights(session: Session, weights: Mapping[str, Mapping[str, int]]) -> None:
    """Replace the weights that differ from the usual ones, by kind and reason."""
    rows = [(kind, reason, n) for kind, of in weights.items() for reason, n in of.items()]
    cursor = db.cursor(session)
    cursor.execute("delete from quality_weight")
    cursor.executemany(
        "insert into quality_weight (kind, reason, weight) values (%s, %s, %s)", rows
    )


def _complete(session: Session, audit: QualityAudit, progress: Progress, *, now: datetime) -> None:
    found = queries.counts(session, audit.id)
    audit.complete(
        checked=progress.state["checked"],
        findings=found,
        scores=_mean(queries.team_scores(session, audit.id)),
        at=now,
    )
    outbox.add(session, events.quality_audit_completed, audit, at=now)
    old = list(queries.old_audits(session, keep=KEPT - 1))
    db.cursor(session).execute(_FORGET_FINDINGS, (old,))
    db.cursor(session).execute(_FORGET_TEAMS, (old,))
    progress.result = {"audit_id": str(audit.id), "findings": sum(found.values())}


def _mean(teams: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """The scores of each kind over all teams."""
    names = ("score", "completeness", "validity", "freshness")
    found = {}
    for kind in _KINDS:
        of = [team for team in teams if team["kind"] == kind]
        records_ = sum(team["records"] for team in of)
        if records_:
            found[kind] = {
                name: round(sum(team[name] * team["records"] for team in of) / records_)
                for name in names
            }
    return found


_FORGET_FINDINGS = "delete from quality_finding where audit_id = any(%s)"
_FORGET_TEAMS = "delete from quality_team where audit_id = any(%s)"
