"""Where documents stand, what they are called, who they are about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_contacts.commands.changing import expect, refuse_archived, settled
from crm_contacts.events import documents as events
from crm_contacts.model.document import Document, DocumentStatus
from crm_contacts.queries import documents as queries
from crm_contacts.queries import purchases, records

EXPIRED_AT_ONCE = 200
_TOLD: Mapping[DocumentStatus, outbox.Factory] = {
    DocumentStatus.ACTIVE: events.document_activated,
    DocumentStatus.SIGNED: events.document_signed,
    DocumentStatus.CANCELLED: events.document_cancelled,
    DocumentStatus.DRAFT: events.document_updated,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateDocument:
    """Change the fields named."""

    document_id: UUID
    expected_version: int | None
    changes: Mapping[str, Any]


def update_document(session: Session, command: UpdateDocument, *, now: datetime) -> Document:
    """Change a document and announce what differs. Raises NotFound, StaleVersion, Archived."""
    document = records.for_update(session, Document, command.document_id)
    expect(document, command.expected_version)
    refuse_archived(document)
    document.change(settled(session, command.changes))
    if session.is_modified(document):
        outbox.add(session, events.document_updated, document, at=now)
    return document


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveDocument:
    """Have a document stand elsewhere."""

    document_id: UUID
    expected_version: int | None
    status: DocumentStatus


def move_document(session: Session, command: MoveDocument, *, now: datetime) -> Document:
    """Move once and announce it. Raises NotFound, StaleVersion, Archived, DocumentNotAllowed."""
    document = records.for_update(session, Document, command.document_id)
    if document.status is command.status:
        return document
    expect(document, command.expected_version)
    refuse_archived(document)
    document.become(command.status, at=now)
    outbox.add(session, _TOLD[command.status], document, at=now)
    return document


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishDocument:
    """Give a document out, or take it back."""

    document_id: UUID
    expected_version: int | None
    is_public: bool = True


def publish_document(session: Session, command: PublishDocument, *, now: datetime) -> Document:
    """Publish or withdraw once and announce it. Raises NotFound, StaleVersion, Archived."""
    document = records.for_update(session, Document, command.document_id)
    if (document.published_at is not None) == command.is_public:
        return document
    expect(document, command.expected_version)
    refuse_archived(document)
    document.published_at = now if command.is_public else None
    told = events.document_published if command.is_public else events.document_updated
    outbox.add(session, told, document, at=now)
    return document


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveDocument:
    """Put a document away."""

    document_id: UUID
    expected_version: int | None


def archive_document(session: Session, command: ArchiveDocument, *, now: datetime) -> Document:
    """Archive once and announce it. Raises NotFound, StaleVersion."""
    document = records.for_update(session, Document, command.document_id)
    if document.archived_at is not None:
        return document
    expect(document, command.expected_version)
    document.archive(at=now)
    outbox.add(session, events.document_archived, document, at=now)
    return document


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreDocument:
    """Bring an archived document back."""

    document_id: UUID
    expected_version: int | None


def restore_document(session: Session, command: RestoreDocument, *, now: datetime) -> Document:
    """Restore once and announce it. Raises NotFound, StaleVersion."""
    document = records.for_update(session, Document, command.document_id)
    if document.archived_at is None:
        return document
    expect(document, command.expected_version)
    document.restore()
    outbox.add(session, events.document_restored, document, at=now)
    return document


def expire_documents(session: Session, *, now: datetime) -> int:
    """Have documents in force be over whose last day is, where the company is; return how many."""
    today = now.astimezone(purchases.company_zone(session)).date()
    found = queries.newly_expired(session, before=today, limit=EXPIRED_AT_ONCE)
    for document in found:
        document.expire()
        outbox.add(session, events.document_expired, document, at=now)
    return len(found)
