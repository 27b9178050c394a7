"""What contacts tells of audits of its data."""

from crm_chassis.outbox import Announcement, record_fields
from crm_contacts.model.quality import QualityAudit
from crm_contracts.contacts import quality as contracts


def quality_audit_started(audit: QualityAudit) -> Announcement:
    return Announcement(contracts.QualityAuditStarted, quality_audit_record(audit))


def quality_audit_completed(audit: QualityAudit) -> Announcement:
    return Announcement(contracts.QualityAuditCompleted, quality_audit_record(audit))


def quality_audit_failed(audit: QualityAudit) -> Announcement:
    return Announcement(contracts.QualityAuditFailed, quality_audit_record(audit))


def quality_audit_record(audit: QualityAudit) -> contracts.QualityAudit:
    """The published shape of an audit; its findings are read from contacts."""
    return contracts.QualityAudit(
        **record_fields(audit),
        status=audit.status,
        fresh_days=audit.fresh_days,
        job_id=audit.job_id,
        checked=audit.checked,
        findings=audit.findings,
        scores={kind: contracts.QualityScores(**of) for kind, of in audit.scores.items()},
        completed_at=audit.completed_at,
    )
