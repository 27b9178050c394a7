"""What contacts tells of documents."""

from crm_chassis.outbox import Announcement, record_fields
from crm_contacts.model.document import Document
from crm_contracts import SubjectRef
from crm_contracts.contacts import documents as contracts


def document_added(document: Document) -> Announcement:
    return Announcement(contracts.DocumentAdded, document_record(document))


def document_version_added(document: Document) -> Announcement:
    return Announcement(contracts.DocumentVersionAdded, document_record(document))


def document_updated(document: Document) -> Announcement:
    return Announcement(contracts.DocumentUpdated, document_record(document))


def document_activated(document: Document) -> Announcement:
    return Announcement(contracts.DocumentActivated, document_record(document))


def document_signed(document: Document) -> Announcement:
    return Announcement(contracts.DocumentSigned, document_record(document))


def document_published(document: Document) -> Announcement:
    return Announcement(contracts.DocumentPublished, document_record(document))


def document_cancelled(document: Document) -> Announcement:
    return Announcement(contracts.DocumentCancelled, document_record(document))


def document_expired(document: Document) -> Announcement:
    return Announcement(contracts.DocumentExpired, document_record(document))


def document_archived(document: Document) -> Announcement:
    return Announcement(contracts.DocumentArchived, document_record(document))


def document_restored(document: Document) -> Announcement:
    return Announcement(contracts.DocumentRestored, document_record(document))


def document_record(document: Document) -> contracts.Document:
    """The published shape of a document."""
    return contracts.Document(
        **record_fields(document),
        title=document.title,
        document_kind=document.kind,
        folder=document.folder,
        description=document.description,
        status=document.status,
        valid_from=document.valid_from.isoformat() if document.valid_from else None,
        valid_to=document.valid_to.isoformat() if document.valid_to else None,
        signed_at=document.signed_at,
        published_at=document.published_at,
        subjects=tuple(SubjectRef(type=each.type, id=each.id) for each in document.subjects),
        versions=tuple(
            contracts.DocumentVersion(
                number=version.number,
                sha256=version.sha256,
                file_name=version.file_name,
                mime=version.mime,
                size=version.size,
                comment=version.comment,
                added_at=version.added_at,
                added_by=version.added_by,
            )
            for version in document.versions
        ),
    )
