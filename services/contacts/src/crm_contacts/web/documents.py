"""Routes of documents."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any, cast
from urllib.parse import quote
from uuid import UUID

from flask import Response, current_app, request
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.datastructures import FileStorage

from crm_chassis import web
from crm_chassis.problems import NotFound
from crm_chassis.web.blueprints import Blueprint
from crm_contacts.commands import documents as commands
from crm_contacts.commands import imports
from crm_contacts.model.document import Document, DocumentStatus, DocumentVersion
from crm_contacts.queries import documents as queries
from crm_contacts.queries import records
from crm_contacts.schemas.documents import (
    DocumentFileIn,
    DocumentFormIn,
    DocumentOut,
    DocumentPatchIn,
    DocumentsIn,
    DocumentsOut,
    FoldersOut,
    VersionFormIn,
)
from crm_contacts.web.ownership import owned

blueprint = Blueprint("documents", __name__, url_prefix="/v1/documents", kind="document")
Fields = Mapping[str, Any]
_LONGEST_NAME = 200
_BYTES = "application/octet-stream"  # what it is says the record; a browser is told nothing
_TRANSITIONS = {
    "activation": DocumentStatus.ACTIVE,
    "signature": DocumentStatus.SIGNED,
    "cancellation": DocumentStatus.CANCELLED,
    "revival": DocumentStatus.DRAFT,
}


@blueprint.post("")
@blueprint.arguments(DocumentFileIn, location="files")
@blueprint.arguments(DocumentFormIn, location="form")
@blueprint.response(201, DocumentOut)
@web.takes_form
def add_document(files: Fields, form: Fields) -> Response:
    """Keep a file as a document; 413, 415 or 422 say why one is not let in."""
    fields = dict(form)
    with closing(files["file"]) as uploaded:
        given = _kept(uploaded, fields.pop("comment", None))
        command = commands.AddDocument(file=given, fields=owned(fields))
        return web.write(commands.add_document, command, status=201)


@blueprint.get("")
@blueprint.arguments(DocumentsIn, location="query")
@blueprint.response(200, DocumentsOut)
def list_documents(filters: Fields) -> Response:
    """List documents; a folder's with those of the folders in it."""
    return web.listing(
        queries.documents(filters),
        kind="document",
        id_column=Document.id,
        sorts=queries.DOCUMENT_SORTS,
        args=filters,
    )


@blueprint.get("/folders")
@blueprint.response(200, FoldersOut)
def list_folders() -> dict[str, Any]:
    """List the folders there are."""
    with web.sessions()() as session:
        return {"items": queries.folders(session, web.principal())}


@blueprint.get("/<uuid:document_id>")
@blueprint.response(200, DocumentOut)
def read_document(document_id: UUID) -> Response:
    """Read a document, not its content."""
    return web.read("document", document_id)


@blueprint.get("/<uuid:document_id>/content")
@blueprint.response(200, content_type=_BYTES, schema={"type": "string"})
def download(document_id: UUID) -> Response:
    """Fetch the newest version's content."""
    return _content(document_id, None)


@blueprint.get("/<uuid:document_id>/versions/<int:number>/content")
@blueprint.response(200, content_type=_BYTES, schema={"type": "string"})
def download_version(document_id: UUID, number: int) -> Response:
    """Fetch a version's content."""
    return _content(document_id, number)


@blueprint.post("/<uuid:document_id>/versions")
@blueprint.arguments(DocumentFileIn, location="files")
@blueprint.arguments(VersionFormIn, location="form")
@blueprint.response(200, DocumentOut)
@web.takes_form
def add_version(files: Fields, form: Fields, document_id: UUID) -> Response:
    """Add a version; a signed document takes none."""
    web.read("document", document_id)  # 404 for who may not see it
    with closing(files["file"]) as uploaded:
        command = commands.AddVersion(
            file=_kept(uploaded, form.get("comment")),
            document_id=document_id,
            expected_version=web.if_match(),
        )
        return web.write(commands.add_version, command)


@blueprint.delete("/<uuid:document_id>/versions/<int:number>")
@blueprint.response(200, DocumentOut)
def forget_version(document_id: UUID, number: int) -> Response:
    """Let go of a version, and of its content when nothing else has it."""
    web.read("document", document_id)
    command = commands.ForgetVersion(
        document_id=document_id, expected_version=web.if_match(), number=number
    )
    return web.write(commands.forget_version, command)


@blueprint.patch("/<uuid:document_id>")
@blueprint.arguments(DocumentPatchIn)
@blueprint.response(200, DocumentOut)
def update_document(changes: Fields, document_id: UUID) -> Response:
    """Change a document (JSON merge patch)."""
    web.read("document", document_id)
    command = commands.UpdateDocument(
        document_id=document_id, expected_version=web.if_match(), changes=changes
    )
    return web.write(commands.update_document, command)


@blueprint.put("/<uuid:document_id>/<any(activation,signature,cancellation,revival):step>")
@blueprint.response(200, DocumentOut)
def move_document(document_id: UUID, step: str) -> Response:
    """Have a document be active, signed, cancelled, or a draft again."""
    web.read("document", document_id)
    command = commands.MoveDocument(
        document_id=document_id, expected_version=web.if_match(), status=_TRANSITIONS[step]
    )
    return web.write(commands.move_document, command)


@blueprint.put("/<uuid:document_id>/publication")
@blueprint.response(200, DocumentOut)
def publish_document(document_id: UUID) -> Response:
    """Give a document out."""
    return _published(document_id, is_public=True)


@blueprint.delete("/<uuid:document_id>/publication")
@blueprint.response(200, DocumentOut)
def withdraw_document(document_id: UUID) -> Response:
    """Take a document back."""
    return _published(document_id, is_public=False)


@blueprint.delete("/<uuid:document_id>")
@blueprint.response(200, DocumentOut)
def archive_document(document_id: UUID) -> Response:
    """Archive a document."""
    web.read("document", document_id)
    command = commands.ArchiveDocument(document_id=document_id, expected_version=web.if_match())
    return web.write(commands.archive_document, command)


@blueprint.put("/<uuid:document_id>/restoration")
@blueprint.response(200, DocumentOut)
def restore_document(document_id: UUID) -> Response:
    """Bring an archived document back."""
    web.read("document", document_id)
    command = commands.RestoreDocument(document_id=document_id, expected_version=web.if_match())
    return web.write(commands.restore_document, command)


def depot() -> commands.Depot:
    """The application's place for contents."""
    return cast("commands.Depot", current_app.extensions["depot"])


def _published(document_id: UUID, *, is_public: bool) -> Response:
    web.read("document", document_id)
    command = commands.PublishDocument(
        document_id=document_id, expected_version=web.if_match(), is_public=is_public
    )
    return web.write(commands.publish_document, command)


def _kept(uploaded: FileStorage, comment: str | None) -> commands.GivenFile:
    """Look a file over and keep its content, before the transaction that makes it a document's."""
    web.principal().require("admin", "member")
    stream: Any = uploaded.stream
    digest = imports.digest(stream)
    web.stand_for_body(digest)
    name = "".join(each for each in uploaded.filename or "" if each.isprintable())
    given = depot().look_over(
        stream, name=name[-_LONGEST_NAME:] or "file", sha256=digest.hex(), comment=comment
    )
    depot().keep(web.sessions(), given, web.context())
    return given


def _content(document_id: UUID, number: int | None) -> Response:
    """A file to keep, never to show: a browser neither runs nor guesses it."""
    web.read("document", document_id, conditional=False)
    with web.sessions()() as session:
        document = records.plainly(session, Document, document_id)
        if document is None:
            raise NotFound(f"document {document_id}")
        version = document.newest if number is None else document.version_of(number)
    web.note("document.fetched", document_id, version=version.number)
    response = Response(_streamed(web.sessions(), version), content_type=_BYTES)
    name = quote(version.file_name, safe="")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    response.headers["Content-Length"] = str(version.size)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(version.sha256)
    return cast("Response", response.make_conditional(request))


def _streamed(make: sessionmaker[Session], version: DocumentVersion) -> Iterator[bytes]:
    """Return a content whose first piece is there: what cannot be reached is said in time."""
    contents, sha256 = depot().contents, version.sha256
    pieces = _pieces(make, contents, sha256)
    first = next(pieces, b"")

    def all_of_it() -> Iterator[bytes]:
        yield first
        yield from pieces

    return all_of_it()


def _pieces(make: sessionmaker[Session], contents: Any, sha256: str) -> Iterator[bytes]:
    with make() as session:
        yield from contents.read(session, sha256)
