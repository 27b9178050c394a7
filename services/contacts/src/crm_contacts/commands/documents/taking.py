"""Taking files in: sniffed, measured, looked through, kept once; and letting go of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import clock, db, outbox
from crm_contacts.commands.changing import expect, refuse_archived, settled
from crm_contacts.commands.contents import Contents
from crm_contacts.commands.contents.scanning import Scanner
from crm_contacts.events import documents as events
from crm_contacts.model.document import Document, DocumentVersion
from crm_contacts.model.errors import FileTooLarge, FileTypeRefused, StoreAway
from crm_contacts.model.filetype import ALLOWED, sniff
from crm_contacts.queries import documents as queries
from crm_contacts.queries import records

_PIECE = 256 * 1024
KEPT_UNUSED = timedelta(hours=1)
AT_ONCE = 50  # contents a transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenFile:
    """A file that was looked over; `sha256` is its digest, `size` its bytes."""

    stream: BinaryIO
    name: str
    sha256: str
    mime: str
    size: int
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Depot:
    """Where contents are kept, who looks through them first, and how large they may be."""

    contents: Contents
    scanner: Scanner | None
    most_bytes: int

    def look_over(
        self, stream: BinaryIO, *, name: str, sha256: str, comment: str | None = None
    ) -> GivenFile:
        """Let a file in. Raises FileTooLarge, FileTypeRefused, FileInfected, ScannerAway."""
        size = stream.seek(0, 2)
        if size > self.most_bytes:
            raise FileTooLarge(detail=f"{size} bytes; {self.most_bytes} are the most")
        mime = sniff(stream, name)
        if mime is None:
            endings = sorted({each for endings in ALLOWED.values() for each in endings})
            raise FileTypeRefused(detail=f"taken are {', '.join(endings)}")
        if self.scanner is not None:
            self.scanner.look_through(_pieces(stream))
        return GivenFile(
            stream=stream, name=name, sha256=sha256, mime=mime, size=size, comment=comment
        )

    def keep(self, sessions: sessionmaker[Session], file: GivenFile, who: db.Context) -> None:
        """Keep a file's content, before any document has it. Raises StoreAway.

        It is noted first: what no document takes is let go of after an hour.
        """
        with db.transaction(sessions, who) as session:
            values = {"sha256": file.sha256, "size": file.size, "now": clock.now()}
            db.cursor(session).execute(_NOTE, values)
        self.contents.keep(sessions, file.sha256, _pieces(file.stream), size=file.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddDocument:
    """Have a file that is kept as a new document with these fields of the API."""

    file: GivenFile
    fields: Mapping[str, Any]


def add_document(session: Session, command: AddDocument, *, now: datetime) -> Document:
    """Add and announce it. Raises StoreAway."""
    version = _taken(session, command.file, now=now)
    document = Document(**{"title": command.file.name, **settled(session, command.fields)})
    document.add_version(version)
    outbox.add(session, events.document_added, document, at=now)
    return document


@dataclass(frozen=True, slots=True, kw_only=True)
class AddVersion:
    """Have a document say something new, in a file that is kept."""

    file: GivenFile
    document_id: UUID
    expected_version: int | None


def add_version(session: Session, command: AddVersion, *, now: datetime) -> Document:
    """Add a version and announce it; the content the newest has already is none.

    Raises NotFound, StaleVersion, Archived, DocumentSigned, StoreAway.
    """
    document = records.for_update(session, Document, command.document_id)
    if document.newest.sha256 == command.file.sha256:
        return document
    expect(document, command.expected_version)
    refuse_archived(document)
    document.add_version(_taken(session, command.file, now=now))
    outbox.add(session, events.document_version_added, document, at=now)
    return document


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetVersion:
    """Let go of one version of a document."""

    document_id: UUID
    expected_version: int | None
    number: int


def forget_version(session: Session, command: ForgetVersion, *, now: datetime) -> Document:
    """Forget it and announce that; its content goes when nothing else has it.

    Raises NotFound, StaleVersion, DocumentHasNoSuchVersion, DocumentSigned, LastVersion.
    """
    document = records.for_update(session, Document, command.document_id)
    expect(document, command.expected_version)
    document.forget_version(command.number)
    outbox.add(session, events.document_updated, document, at=now)
    return document


def clean_up(session: Session, contents: Contents, *, now: datetime) -> int:
    """Lose contents that no version has any more; return how many."""
    before = now - KEPT_UNUSED
    found = queries.unused_contents(session, before=before, limit=AT_ONCE)
    for sha256 in found:
        # Who takes it in again meanwhile waits for us, or has noted so and it stays.
        if db.cursor(session).execute(_LET_GO, (sha256, before)).fetchone():
            contents.forget(session, sha256)
    return len(found)


def _taken(session: Session, file: GivenFile, *, now: datetime) -> DocumentVersion:
    """Return what a document says of a content that is kept, and goes on being so."""
    row = db.cursor(session).execute(_TAKE, (now, file.sha256)).fetchone()
    if row is None:
        raise StoreAway(detail="the content was not kept in time; send it again")
    return DocumentVersion(
        number=0,
        sha256=file.sha256,
        file_name=file.name,
        mime=file.mime,
        size=file.size,
        comment=file.comment,
        added_at=now,
        added_by=db.context_of(session).actor,
    )


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    stream.seek(0)
    while piece := stream.read(_PIECE):
        yield piece
    stream.seek(0)


_NOTE = """
insert into content (sha256, size, used_at) values (%(sha256)s, %(size)s, %(now)s)
on conflict (sha256) do update set used_at = excluded.used_at
"""
_TAKE = "update content set used_at = %s where sha256 = %s returning sha256"
_LET_GO = """
delete from content c where sha256 = %s and used_at < %s
  and not exists (select from document_version v where v.sha256 = c.sha256)
returning sha256
"""
