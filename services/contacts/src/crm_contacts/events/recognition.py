"""What we tell of duplicates, long work and addresses that bounce."""

from crm_chassis.outbox import Announcement, record_fields
from crm_contacts.model.deliverability import ContactPointState
from crm_contacts.model.duplicate import Duplicate
from crm_contacts.model.job import Job
from crm_contracts import contacts as contracts


def duplicate_suspected(duplicate: Duplicate) -> Announcement:
    return Announcement(contracts.DuplicateSuspected, duplicate_record(duplicate))


def duplicate_dismissed(duplicate: Duplicate) -> Announcement:
    return Announcement(contracts.DuplicateDismissed, duplicate_record(duplicate))


def duplicate_merged(duplicate: Duplicate) -> Announcement:
    return Announcement(contracts.DuplicateMerged, duplicate_record(duplicate))


def duplicate_updated(duplicate: Duplicate) -> Announcement:
    return Announcement(contracts.DuplicateUpdated, duplicate_record(duplicate))


def job_created(job: Job) -> Announcement:
    return Announcement(contracts.JobCreated, job_record(job))


def job_finished(job: Job) -> Announcement:
    return Announcement(contracts.JobFinished, job_record(job))


def contact_point_bounced(point: ContactPointState) -> Announcement:
    return Announcement(contracts.ContactPointBounced, point_record(point))


def contact_point_invalidated(point: ContactPointState) -> Announcement:
    return Announcement(contracts.ContactPointInvalidated, point_record(point))


def contact_point_verified(point: ContactPointState) -> Announcement:
    return Announcement(contracts.ContactPointVerified, point_record(point))


def contact_point_corrected(point: ContactPointState) -> Announcement:
    return Announcement(contracts.ContactPointCorrected, point_record(point))


def contact_point_updated(point: ContactPointState) -> Announcement:
    return Announcement(contracts.ContactPointUpdated, point_record(point))


def duplicate_record(duplicate: Duplicate) -> contracts.Duplicate:
    """The published shape of a pair that may be one person."""
    return contracts.Duplicate(
        **record_fields(duplicate),
        a_id=duplicate.a_id,
        b_id=duplicate.b_id,
        score=duplicate.score,
        evidence=tuple(contracts.DuplicateEvidence(**each) for each in duplicate.evidence),
        status=duplicate.status,
        decided_by=duplicate.decided_by,
        decided_at=duplicate.decided_at,
    )


def job_record(job: Job) -> contracts.Job:
    """The published shape of long work."""
    return contracts.Job(
        **record_fields(job), work=job.work, status=job.status, message=job.message
    )


def point_record(point: ContactPointState) -> contracts.ContactPointState:
    """The published shape of an address's state."""
    return contracts.ContactPointState(
        **record_fields(point),
        contact_id=point.contact_id,
        email=point.email,
        deliverability=point.deliverability,
        reason=point.reason,
        bounce_class=point.bounce_class,
        code=point.code,
        bounce_streak=point.bounce_streak,
        bounced_at=point.bounced_at,
    )
