"""Routes of files of people that come in."""

from collections.abc import Mapping
from contextlib import closing
from typing import Any
from uuid import UUID

import orjson
from flask import Response

from crm_chassis import web
from crm_chassis.problems import NotFound
from crm_chassis.web.blueprints import Blueprint
from crm_contacts.commands import imports as commands
from crm_contacts.commands.changing import ANY_VERSION
from crm_contacts.model.interchange import Import, ImportSettings
from crm_contacts.queries import imports, records
from crm_contacts.queries.imports import Row
from crm_contacts.schemas.interchange import (
    FILE_OF_PEOPLE,
    FileIn,
    ImportFormIn,
    ImportOut,
    ImportQueryIn,
    ImportsIn,
    ImportsOut,
    RowsIn,
    RowsOut,
    SettingsIn,
)
from crm_contacts.web import refusals

blueprint = Blueprint("imports", __name__, url_prefix="/v1/imports", kind="import")
Fields = Mapping[str, Any]
_LONGEST_NAME = 200


@blueprint.post("")
@blueprint.arguments(FileIn, location="files")
@blueprint.arguments(ImportFormIn, location="form")
@blueprint.arguments(ImportQueryIn, location="query")
@blueprint.response(202, ImportOut)
@web.takes_form
@web.needs("bulk", kind="contact")
def take_up_import(files: Fields, form: Fields, args: Fields) -> Response:
    """Take in a CSV file or vCards; with `preview` only say what its rows would become."""
    with closing(files["file"]) as uploaded:
        web.stand_for_body(commands.digest(uploaded.stream))
        command = commands.TakeUpImport(
            file=uploaded.stream,
            file_name=_printable(uploaded.filename or "file"),
            settings=form["settings"],
            acting=acting(),
            owner_id=web.principal().user_id,
            goes_on=not args["preview"],
        )
        return _accepted(web.write(commands.take_up_import, command, status=202))


def _printable(name: str) -> str:
    return "".join(each for each in name if each.isprintable())[-_LONGEST_NAME:] or "file"


@blueprint.get("")
@blueprint.arguments(ImportsIn, location="query")
@blueprint.response(200, ImportsOut)
def list_imports(filters: Fields) -> Response:
    """List imports: one's own; an admin's list holds everybody's."""
    return web.listing(
        imports.imports(filters),
        kind="import",
        id_column=Import.id,
        sorts=imports.IMPORT_SORTS,
        args=filters,
    )


@blueprint.get("/<uuid:import_id>")
@blueprint.response(200, ImportOut)
def read_import(import_id: UUID) -> Response:
    """Read an import; how far it is tells its job."""
    return web.read("import", import_id)


@blueprint.get("/<uuid:import_id>/rows")
@blueprint.arguments(RowsIn, location="query")
@blueprint.response(200, RowsOut)
def list_rows(args: Fields, import_id: UUID) -> Response:
    """List rows of a file with what they would become, or became."""
    web.read("import", import_id)
    statuses = [str(args["status"])] if "status" in args else []
    with web.sessions()() as session:
        found = imports.rows(
            session, import_id, after=args["cursor"], limit=args["limit"] + 1, statuses=statuses
        )
    shown = found[: args["limit"]]
    after = str(shown[-1].number) if len(found) > len(shown) else None
    body = orjson.dumps({"items": [_shown(row) for row in shown], "next": after})
    return Response(body, mimetype="application/json")


@blueprint.put("/<uuid:import_id>/start")
@blueprint.arguments(SettingsIn)
@blueprint.arguments(ImportQueryIn, location="query")
@blueprint.response(202, ImportOut)
def start_import(settings: ImportSettings, args: Fields, import_id: UUID) -> Response:
    """Take the rows over, as chosen; with `preview` only say what they would become."""
    web.read("import", import_id)
    command = commands.StartImport(
        import_id=import_id,
        expected_version=web.if_match(),
        settings=settings,
        acting=acting(),
        goes_on=not args["preview"],
    )
    return _accepted(web.write(commands.start_import, command, status=202))


@blueprint.delete("/<uuid:import_id>")
@blueprint.response(202, ImportOut)
def revert_import(import_id: UUID) -> Response:
    """Undo an import: what it made is put away, what it changed is as it was."""
    return _reverted(import_id, web.if_match())


@blueprint.post("/<uuid:import_id>/revert")
@blueprint.response(202, ImportOut)
def revert_any_import(import_id: UUID) -> Response:
    """Undo an import, whatever its version."""
    return _reverted(import_id, ANY_VERSION)


def _reverted(import_id: UUID, version: int | None) -> Response:
    web.read("import", import_id)
    command = commands.RevertImport(import_id=import_id, expected_version=version, acting=acting())
    return _accepted(web.write(commands.revert_import, command, status=202))


@blueprint.get("/<uuid:import_id>/refused")
@blueprint.response(200, content_type="text/csv", schema={"type": "string"})
@blueprint.doc(responses=FILE_OF_PEOPLE)
def download_refused(import_id: UUID) -> Response:
    """Fetch the refused rows as a file that can be repaired and imported again."""
    web.read("import", import_id)
    with web.sessions()() as session:
        file = records.plainly(session, Import, import_id)
    if file is None:
        raise NotFound(f"import {import_id}")
    web.note("import.refused_fetched", import_id)
    content = refusals.written(web.sessions(), file)
    response = Response(content, mimetype=refusals.mimetype(file))
    response.headers["Content-Disposition"] = f'attachment; filename="{refusals.name(file)}"'
    return response


def _accepted(response: Response) -> Response:
    """202 and where the work is asked for; the record names its job."""
    if response.status_code == 202 and isinstance(response.json, dict):
        response.headers["Location"] = f"/v1/jobs/contacts/{response.json['job_id']}"
    return response


def _shown(row: Row) -> dict[str, Any]:
    return {
        "number": row.number, "line": row.line, "status": row.status, "reasons": row.reasons,
        "contact_id": row.contact_id, "fields": row.body.get("fields", {}),
        "company": row.body.get("company"), "external_id": row.body.get("external_id"),
    }  # fmt: skip


def acting() -> dict[str, Any]:
    """Who calls, as their work will be done in their name later."""
    who = web.principal()
    return {
        "actor": who.actor,
        "user_id": str(who.user_id) if who.user_id else None,
        "roles": sorted(who.roles),
        "team_ids": [str(each) for each in who.team_ids],
        "on_behalf_of": who.on_behalf_of,
        "rights": who.rights.kept(),
    }
