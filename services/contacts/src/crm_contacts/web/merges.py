"""Routes of merges."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from flask import Response, current_app

import crm_contracts as contracts
from crm_chassis import clock, web
from crm_chassis.records import PeerAway, Peers
from crm_chassis.web.blueprints import Blueprint
from crm_contacts.commands import merges as commands
from crm_contacts.model.merge import FOLLOWERS, Merge
from crm_contacts.queries import merges
from crm_contacts.schemas.merges import MergeIn, MergeOut, MergesIn, MergesOut, PreviewOut

blueprint = Blueprint("merges", __name__, url_prefix="/v1")
Fields = Mapping[str, Any]
_PATIENCE = 1.0  # seconds a preview waits for each service


@blueprint.post("/contacts/<uuid:contact_id>/merge")
@blueprint.arguments(MergeIn)
@blueprint.response(201, MergeOut)
@blueprint.alt_response(200, schema=PreviewOut)
@web.needs("merge", kind="contact", subject="contact_id")
def merge_contacts(fields: Fields, contact_id: UUID) -> Response:
    """Absorb other contacts; with `dry_run` only say what would change and move."""
    web.require("contact", [contact_id, *fields["absorbed_ids"]], "merge")
    command = commands.MergeContacts(
        survivor_id=contact_id,
        expected_version=web.if_match(),
        absorbed_ids=fields["absorbed_ids"],
        choices=fields["choices"],
    )
    if fields["dry_run"]:
        return _preview(command)
    return web.write(commands.merge_contacts, command, status=201)


@blueprint.get("/merges")
@blueprint.arguments(MergesIn, location="query")
@blueprint.response(200, MergesOut)
@web.needs("read", kind="merge")
def list_merges(filters: Fields) -> Response:
    """List merges, of one contact if it is named."""
    return web.listing(
        merges.merges(filters),
        kind="merge",
        id_column=Merge.id,
        sorts=merges.MERGE_SORTS,
        args=filters,
    )


@blueprint.get("/merges/<uuid:merge_id>")
@blueprint.response(200, MergeOut)
@web.needs("read", kind="merge")
def read_merge(merge_id: UUID) -> Response:
    """Read a merge and how far the other services have followed it."""
    return web.read("merge", merge_id)


@blueprint.delete("/merges/<uuid:merge_id>")
@blueprint.response(200, MergeOut)
@web.needs("merge", kind="merge", subject="merge_id")
def undo_merge(merge_id: UUID) -> Response:
    """Undo a merge, within 30 days."""
    web.read("merge", merge_id)
    command = commands.UndoMerge(merge_id=merge_id, expected_version=web.if_match())
    return web.write(commands.undo_merge, command)


def _preview(command: commands.MergeContacts) -> Response:
    with web.sessions()() as session:
        session.info["context"] = web.context()
        survivor, changed, moved = commands.preview(session, command, now=clock.now())
        session.rollback()
    body = {
        "survivor": orjson.Fragment(contracts.record_body(survivor)),
        "changed": changed,
        "moves": {"contacts": moved} | {each: _moves(each, command) for each in FOLLOWERS},
    }
    return Response(orjson.dumps(body), mimetype="application/json")


def _moves(service: str, command: commands.MergeContacts) -> dict[str, int] | None:
    peers: Peers = current_app.extensions["peers"]
    try:
        return peers.numbers(service, command.absorbed_ids, timeout=_PATIENCE)
    except PeerAway:
        return None
