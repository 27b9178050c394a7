"""Routes of contacts."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from crm_chassis import web
from crm_chassis.web.schemas import BatchOut
from flask import Response
from flask_smorest import Blueprint

from crm_contacts.commands import contacts as commands
from crm_contacts.model.contact import Contact
from crm_contacts.queries import history, lists
from crm_contacts.schemas.contacts import (
    ContactIn,
    ContactOut,
    ContactPatchIn,
    ContactsIn,
    ContactsOut,
    HistoryIn,
    HistoryOut,
)
from crm_contacts.web import batches

blueprint = Blueprint("contacts", __name__, url_prefix="/v1/contacts")
Fields = Mapping[str, Any]


@blueprint.post("")
@blueprint.arguments(ContactIn)
@blueprint.response(201, ContactOut)
def create_contact(fields: Fields) -> Response:
    """Take up a contact."""
    return web.write(commands.create_contact, commands.CreateContact(fields=fields), status=201)


@blueprint.get("")
@blueprint.arguments(ContactsIn, location="query")
@blueprint.response(200, ContactsOut)
def list_contacts(filters: Fields) -> Response:
    """List contacts."""
    return web.listing(
        lists.contacts(filters),
        kind="contact",
        id_column=Contact.id,
        sorts=lists.CONTACT_SORTS,
        args=filters,
    )


@blueprint.get("/<uuid:contact_id>")
@blueprint.response(200, ContactOut)
def read_contact(contact_id: UUID) -> Response:
    """Read a contact."""
    return web.read("contact", contact_id)


@blueprint.patch("/<uuid:contact_id>")
@blueprint.arguments(ContactPatchIn)
@blueprint.response(200, ContactOut)
def update_contact(changes: Fields, contact_id: UUID) -> Response:
    """Change a contact (JSON merge patch)."""
    web.read("contact", contact_id)  # 404 for who may not see it
    command = commands.UpdateContact(
        contact_id=contact_id, expected_version=web.if_match(), changes=changes
    )
    return web.write(commands.update_contact, command)


@blueprint.delete("/<uuid:contact_id>")
@blueprint.response(200, ContactOut)
def archive_contact(contact_id: UUID) -> Response:
    """Archive a contact."""
    web.read("contact", contact_id)
    command = commands.ArchiveContact(contact_id=contact_id, expected_version=web.if_match())
    return web.write(commands.archive_contact, command)


@blueprint.put("/<uuid:contact_id>/restoration")
@blueprint.response(200, ContactOut)
def restore_contact(contact_id: UUID) -> Response:
    """Bring an archived contact back."""
    web.read("contact", contact_id)
    command = commands.RestoreContact(contact_id=contact_id, expected_version=web.if_match())
    return web.write(commands.restore_contact, command)


@blueprint.get("/<uuid:contact_id>/history")
@blueprint.arguments(HistoryIn, location="query")
@blueprint.response(200, HistoryOut)
def read_history(args: Fields, contact_id: UUID) -> Response:
    """What changed on a contact, when and by whom, newest first."""
    web.read("contact", contact_id)
    with web.sessions()() as session:
        found = history.changes_of(
            session, "contact", contact_id, before=args["cursor"], limit=args["limit"] + 1
        )
    shown = found[: args["limit"]]
    after = str(shown[-1]["version"]) if len(found) > len(shown) else None
    body = orjson.dumps({"items": shown, "next": after})
    return Response(body, mimetype="application/json")


@blueprint.post("/batch")
@blueprint.arguments(batches.EVERY_OPERATION)
@blueprint.response(207, BatchOut)
def change_contacts(batch: Fields) -> Response:
    """Create, update and archive up to 500 contacts."""
    return web.write_batch(batches.operations(batch["operations"], _kinds()))


def _kinds() -> Mapping[str, batches.Kind]:
    return {
        "create": batches.Kind(
            commands.create_contact,
            _IN,
            lambda fields, _id, _version: commands.CreateContact(fields=fields),
            201,
        ),
        "update": batches.Kind(
            commands.update_contact,
            _PATCH_IN,
            lambda fields, record_id, version: commands.UpdateContact(
                contact_id=record_id, expected_version=version, changes=fields
            ),
        ),
        "archive": batches.Kind(
            commands.archive_contact,
            None,
            lambda _fields, record_id, version: commands.ArchiveContact(
                contact_id=record_id, expected_version=version
            ),
        ),
    }


_IN, _PATCH_IN = ContactIn(), ContactPatchIn()
