"""Routes of people in files."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import rights, web
from crm_chassis.problems import NotFound
from crm_chassis.web.blueprints import Blueprint
from crm_contacts.commands import exports as commands
from crm_contacts.model.errors import ExportNotReady
from crm_contacts.model.interchange import Export, ExportStatus
from crm_contacts.queries import files, imports, records
from crm_contacts.schemas.interchange import (
    FILE_OF_PEOPLE,
    ExportIn,
    ExportOut,
    ExportsIn,
    ExportsOut,
)
from crm_contacts.web.imports import acting

blueprint = Blueprint("exports", __name__, url_prefix="/v1/exports", kind="export")
Fields = Mapping[str, Any]
_KINDS = {"csv": "text/csv; charset=utf-8", "vcard": "text/vcard; charset=utf-8"}


@blueprint.post("")
@blueprint.arguments(ExportIn)
@blueprint.response(202, ExportOut)
@web.needs("export", kind="contact")
def export_contacts(fields: Fields) -> Response:
    """Write contacts that one may export to a file in the background, without hidden fields."""
    rights.refuse_asked(fields["filter"], web.principal().rights.hidden("contact"))
    command = commands.ExportContacts(
        format=fields["format"],
        filter=fields["filter"],
        acting=acting(),
        owner_id=web.principal().user_id,
    )
    response = web.write(commands.export_contacts, command, status=202)
    if response.status_code == 202 and isinstance(response.json, dict):
        response.headers["Location"] = f"/v1/jobs/contacts/{response.json['job_id']}"
    return response


@blueprint.get("")
@blueprint.arguments(ExportsIn, location="query")
@blueprint.response(200, ExportsOut)
def list_exports(filters: Fields) -> Response:
    """List exports: one's own; an admin's list holds everybody's."""
    return web.listing(
        imports.exports(filters),
        kind="export",
        id_column=Export.id,
        sorts=imports.EXPORT_SORTS,
        args=filters,
    )


@blueprint.get("/<uuid:export_id>")
@blueprint.response(200, ExportOut)
def read_export(export_id: UUID) -> Response:
    """Read an export; how far it is tells its job."""
    return web.read("export", export_id)


@blueprint.get("/<uuid:export_id>/file")
@blueprint.response(200, content_type="text/csv", schema={"type": "string"})
@blueprint.doc(responses=FILE_OF_PEOPLE)
@web.needs("export", kind="contact", subject=())
def download_export(export_id: UUID) -> Response:
    """Fetch the file."""
    web.read("export", export_id)
    with web.sessions()() as session:
        export = records.plainly(session, Export, export_id)
    if export is None:
        raise NotFound(f"export {export_id}")
    if export.status is not ExportStatus.DONE or export.forgotten_at is not None:
        raise ExportNotReady(export_id)
    web.note("export.fetched", export_id)
    response = Response(_content(web.sessions(), export_id), content_type=_KINDS[export.format])
    response.headers["Content-Length"] = str(export.size)
    response.headers["Content-Disposition"] = f'attachment; filename="{export.file_name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _content(sessions: sessionmaker[Session], export_id: UUID) -> Iterator[bytes]:
    """Yield the file, a part at a time, within a session of its own."""
    with sessions() as session:
        yield from files.chunks(session, export_id)
