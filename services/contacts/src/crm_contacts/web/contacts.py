"""Routes of contacts."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from flask import Response, request

from crm_chassis import web
from crm_chassis.web.blueprints import Blueprint
from crm_chassis.web.schemas import BatchOut
from crm_contacts.commands import addresses, preferences
from crm_contacts.commands import contacts as commands
from crm_contacts.model.contact import Contact
from crm_contacts.model.errors import EmailTaken
from crm_contacts.model.field import Held
from crm_contacts.queries import merges, records
from crm_contacts.schemas.contacts import (
    AllowIn,
    ContactIn,
    ContactOut,
    ContactPatchIn,
    ContactsIn,
    ContactsOut,
    HistoryIn,
    HistoryOut,
    SensitiveOut,
)
from crm_contacts.schemas.mails import CorrectionIn
from crm_contacts.schemas.preferences import PreferencesIn
from crm_contacts.web import asking, batches, past
from crm_contacts.web.ownership import owned

blueprint = Blueprint("contacts", __name__, url_prefix="/v1/contacts", kind="contact")
Fields = Mapping[str, Any]


@blueprint.post("")
@blueprint.arguments(ContactIn)
@blueprint.arguments(AllowIn, location="query")
@blueprint.response(201, ContactOut)
def create_contact(fields: Fields, args: Fields) -> Response:
    """Take up a contact; 409 with candidates where the policy blocks who may be there already."""
    command = commands.CreateContact(fields=owned(fields), allow_duplicate=args["allow_duplicate"])
    return web.write(commands.create_contact, command, status=201)


@blueprint.get("")
@blueprint.arguments(ContactsIn, location="query")
@blueprint.response(200, ContactsOut)
def list_contacts(filters: Fields) -> Response:
    """List contacts."""
    return asking.contacts(filters)


@blueprint.get("/<uuid:contact_id>")
@blueprint.response(200, ContactOut)
def read_contact(contact_id: UUID) -> Response:
    """Read a contact; an absorbed one's id answers its survivor and says `merged_from`."""
    response = web.read("contact", contact_id, conditional=False)
    survivor_id = merges.survivor_in(response.get_data())
    if survivor_id is None:
        return cast("Response", response.make_conditional(request))
    found = web.read("contact", survivor_id, conditional=False)
    del found.headers["ETag"]  # the path may lead to another record tomorrow
    found.set_data(found.get_data()[:-1] + b',"merged_from":"' + str(contact_id).encode() + b'"}')
    return found


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


@blueprint.put("/<uuid:contact_id>/correction")
@blueprint.arguments(CorrectionIn)
@blueprint.response(200, ContactOut)
def correct_address(fields: Fields, contact_id: UUID) -> Response:
    """Say that an e-mail address of a contact works again."""
    web.read("contact", contact_id)
    command = addresses.CorrectAddress(contact_id=contact_id, email=fields["email"])
    return web.write(addresses.correct_address, command)


@blueprint.put("/<uuid:contact_id>/preferences")
@blueprint.arguments(PreferencesIn)
@blueprint.response(200, ContactOut)
def set_preferences(wishes: Fields, contact_id: UUID) -> Response:
    """Say how a contact wants to be written to, in the place of what it said before."""
    web.read("contact", contact_id)
    command = preferences.SetPreferences(
        contact_id=contact_id, expected_version=web.if_match(), wishes=wishes
    )
    return web.write(preferences.set_preferences, command)


@blueprint.get("/<uuid:contact_id>/history")
@blueprint.arguments(HistoryIn, location="query")
@blueprint.response(200, HistoryOut)
def read_history(args: Fields, contact_id: UUID) -> Response:
    """What changed on a contact, when, by whom and where from, newest first."""
    return past.history_of("contact", contact_id, args)


@blueprint.get("/<uuid:contact_id>/sensitive")
@blueprint.response(200, SensitiveOut)
def read_sensitive(contact_id: UUID) -> Response:
    """Read what a contact's sensitive fields hold; for its owner and admins."""
    return past.sensitive(Held.CONTACT, contact_id)


@blueprint.post("/batch")
@blueprint.arguments(batches.EVERY_OPERATION)
@blueprint.response(207, BatchOut)
def change_contacts(batch: Fields) -> Response:
    """Create, update and archive up to 500 contacts."""
    operations = batches.operations(batch, Contact, _BUILDERS)
    if all(each["op"] == "create" for each in batch["operations"]):
        operations = _without_taken(operations)
    return web.write_batch(operations)


def _without_taken(operations: list[web.Operation]) -> list[web.Operation]:
    """Refuse what is taken already with one look: an import run twice would meet it row by row."""
    wanted = [_emails_of(each) for each in operations]
    with web.sessions()() as session:
        taken = records.contacts_with_emails(session, {each for some in wanted for each in some})
    return [
        web.Operation(None, refusal=EmailTaken(contact_id=taken[found]))
        if (found := next((each for each in emails if each in taken), None))
        else operation
        for operation, emails in zip(operations, wanted, strict=True)
    ]


def _emails_of(operation: web.Operation) -> list[str]:
    if operation.function is None:
        return []
    return [point.value for point in operation.command.fields.get("emails", ())]


_BUILDERS = {
    "create": batches.creating(
        commands.create_contact,
        ContactIn(),
        lambda fields: commands.CreateContact(fields=owned(fields), is_one_of_many=True),
    ),
    "update": batches.updating(
        commands.update_contact,
        ContactPatchIn(),
        lambda record_id, version, changes: commands.UpdateContact(
            contact_id=record_id, expected_version=version, changes=changes
        ),
    ),
    "archive": batches.archiving(
        commands.archive_contact,
        lambda record_id, version: commands.ArchiveContact(
            contact_id=record_id, expected_version=version
        ),
    ),
}
