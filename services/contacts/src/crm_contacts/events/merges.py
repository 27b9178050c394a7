"""What contacts tells of merges."""

from crm_chassis.outbox import Announcement, record_fields
from crm_contacts.model.merge import Merge
from crm_contracts import contacts as contracts


def merge_created(merge: Merge) -> Announcement:
    return Announcement(contracts.MergeCreated, merge_record(merge))


def merge_updated(merge: Merge) -> Announcement:
    return Announcement(contracts.MergeUpdated, merge_record(merge))


def merge_undone(merge: Merge) -> Announcement:
    return Announcement(contracts.MergeUndone, merge_record(merge))


def merge_record(merge: Merge) -> contracts.Merge:
    """The published shape of a merge; their former values stay here."""
    return contracts.Merge(
        **record_fields(merge),
        subject_type=merge.subject_type,
        survivor_id=merge.survivor_id,
        absorbed_ids=tuple(merge.absorbed_ids),
        status=merge.status,
        moved=merge.moved,
        awaited=merge.awaited_services,
        undo_until=merge.undo_until,
        undone_at=merge.undone_at,
        conflicts=tuple(merge.conflicts),
    )
