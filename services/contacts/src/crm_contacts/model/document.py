"""Documents: contracts, proposals, whatever is kept with a customer."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm_chassis.db import Aggregate
from crm_contacts.model.errors import (
    DocumentHasNoSuchVersion,
    DocumentNotAllowed,
    DocumentSigned,
    LastVersion,
)
from crm_contacts.model.root import Base, Subjects
from crm_contacts.model.values import Subject, search_words

MOST_VERSIONS = 100


class DocumentKind(StrEnum):
    """What a document is."""

    CONTRACT = "contract"
    PROPOSAL = "proposal"
    QUOTE = "quote"
    INVOICE = "invoice"
    NDA = "nda"
    OTHER = "other"


class DocumentStatus(StrEnum):
    """Where a document stands."""

    DRAFT = "draft"
    ACTIVE = "active"
    SIGNED = "signed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


# What a document may become by hand; that its time is over the clock says.
_NEXT: Mapping[DocumentStatus, frozenset[DocumentStatus]] = {
    DocumentStatus.DRAFT: frozenset(
        {DocumentStatus.ACTIVE, DocumentStatus.SIGNED, DocumentStatus.CANCELLED}
    ),
    DocumentStatus.ACTIVE: frozenset({DocumentStatus.SIGNED, DocumentStatus.CANCELLED}),
    DocumentStatus.SIGNED: frozenset({DocumentStatus.CANCELLED}),
    DocumentStatus.EXPIRED: frozenset({DocumentStatus.ACTIVE}),
    DocumentStatus.CANCELLED: frozenset({DocumentStatus.DRAFT}),
}
IN_FORCE = (DocumentStatus.ACTIVE, DocumentStatus.SIGNED)


class DocumentVersion(Base):
    """One state of a document's content; `number` goes up and is never given again."""

    __tablename__ = "document_version"

    document_id: Mapped[UUID] = mapped_column(
        ForeignKey("document.id"), primary_key=True, init=False
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    file_name: Mapped[str]
    mime: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    added_at: Mapped[datetime]
    added_by: Mapped[str]
    comment: Mapped[str | None] = mapped_column(default=None)


class Document(Aggregate, Base):
    """A document with its versions; the newest is what it says."""

    __tablename__ = "document"

    title: Mapped[str]
    kind: Mapped[DocumentKind] = mapped_column(default=DocumentKind.OTHER)
    folder: Mapped[str] = mapped_column(default="")
    description: Mapped[str | None] = mapped_column(default=None)
    status: Mapped[DocumentStatus] = mapped_column(default=DocumentStatus.DRAFT)
    valid_from: Mapped[date | None] = mapped_column(default=None)
    valid_to: Mapped[date | None] = mapped_column(default=None)
    signed_at: Mapped[datetime | None] = mapped_column(init=False, default=None)
    published_at: Mapped[datetime | None] = mapped_column(init=False, default=None)
    subjects: Mapped[tuple[Subject, ...]] = mapped_column(Subjects, default=())
    next_number: Mapped[int] = mapped_column(init=False, default=1)
    search_text: Mapped[str] = mapped_column(init=False, default="")
    versions: Mapped[list[DocumentVersion]] = relationship(
        order_by=DocumentVersion.number,
        lazy="selectin",
        cascade="all, delete-orphan",
        init=False,
    )

    def __post_init__(self) -> None:
        """Have no versions, for certain; index a new document."""
        self.versions = []
        self._index()

    @property
    def newest(self) -> DocumentVersion:
        """The version that counts."""
        return self.versions[-1]

    def version_of(self, number: int) -> DocumentVersion:
        """One version. Raises DocumentHasNoSuchVersion."""
        for version in self.versions:
            if version.number == number:
                return version
        raise DocumentHasNoSuchVersion(self.id)

    def change(self, changes: Mapping[str, Any]) -> None:
        """Take over the fields named."""
        for name, value in changes.items():
            if value != getattr(self, name):
                setattr(self, name, value)
        self._index()

    def add_version(self, version: DocumentVersion) -> None:
        """Say something new. Raises DocumentSigned, DocumentNotAllowed."""
        if self.status is DocumentStatus.SIGNED:
            raise DocumentSigned(self.id)
        if len(self.versions) >= MOST_VERSIONS:
            raise DocumentNotAllowed(detail=f"{MOST_VERSIONS} versions are the most")
        version.number = self.next_number
        self.next_number += 1
        self.versions.append(version)
        self._index()

    def forget_version(self, number: int) -> None:
        """Lose a version. Raises DocumentHasNoSuchVersion, DocumentSigned, LastVersion."""
        version = self.version_of(number)
        if self.status is DocumentStatus.SIGNED:
            raise DocumentSigned(self.id)
        if len(self.versions) == 1:
            raise LastVersion(self.id)
        self.versions.remove(version)
        self._index()

    def become(self, status: DocumentStatus, *, at: datetime) -> None:
        """Stand elsewhere. Raises DocumentNotAllowed."""
        if status not in _NEXT[self.status]:
            raise DocumentNotAllowed(self.id, detail=f"{self.status} does not become {status}")
        self.status = status
        if status is DocumentStatus.SIGNED:
            self.signed_at = at
        elif status is DocumentStatus.DRAFT:
            self.signed_at = None

    def expire(self) -> None:
        """Be over."""
        self.status = DocumentStatus.EXPIRED

    def _index(self) -> None:
        names = (version.file_name for version in self.versions[-1:])
        self.search_text = search_words(self.title, self.description, *names)
