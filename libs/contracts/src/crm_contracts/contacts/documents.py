"""What contacts publishes of documents; their contents stay with contacts."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from crm_contracts.base import Fact, Record, SubjectRef, subjects_on_a_page


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentVersion:
    """One state of a document's content."""

    number: int
    sha256: str
    file_name: str
    mime: str
    size: int
    comment: str | None = None
    added_at: datetime
    added_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Record):
    """A contract, a proposal, whatever is kept with a customer; the last version counts."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "document"
    plural: ClassVar[str] = "documents"
    renames: ClassVar[dict[str, str]] = {"document_kind": "kind"}

    title: str
    document_kind: str
    folder: str = ""
    description: str | None = None
    status: str
    valid_from: str | None = None
    valid_to: str | None = None
    signed_at: datetime | None = None
    published_at: datetime | None = None
    subjects: tuple[SubjectRef, ...] = ()
    versions: tuple[DocumentVersion, ...] = ()

    def customers(self) -> frozenset[UUID]:
        return frozenset(subjects_on_a_page(self.subjects))


class DocumentAdded(
    Fact[Document], type="contacts.document.added.v1", title="Document added: {title}"
):
    """A document is kept from now on."""


class DocumentVersionAdded(
    Fact[Document], type="contacts.document.version_added.v1", title="New version: {title}"
):
    """A document has a new version."""


class DocumentUpdated(Fact[Document], type="contacts.document.updated.v1"):
    """A document's title, folder, dates, subjects or standing changed, or a version was let go."""


class DocumentActivated(
    Fact[Document], type="contacts.document.activated.v1", title="Document in force: {title}"
):
    """A document is in force."""


class DocumentSigned(
    Fact[Document], type="contacts.document.signed.v1", title="Document signed: {title}"
):
    """A document was signed; its content stays as it is."""


class DocumentPublished(Fact[Document], type="contacts.document.published.v1"):
    """A document was given out."""


class DocumentCancelled(
    Fact[Document], type="contacts.document.cancelled.v1", title="Document cancelled: {title}"
):
    """A document does not count any more."""


class DocumentExpired(
    Fact[Document], type="contacts.document.expired.v1", title="Document expired: {title}"
):
    """The last day of a document in force is over."""


class DocumentArchived(Fact[Document], type="contacts.document.archived.v1"):
    """A document was archived."""


class DocumentRestored(Fact[Document], type="contacts.document.restored.v1"):
    """An archived document was brought back."""
