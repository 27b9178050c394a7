"""Routes of visitors."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response

from crm_chassis import web
from crm_chassis.problems import Invalid, NotFound
from crm_chassis.web.blueprints import Blueprint
from crm_contacts.commands import identities as commands
from crm_contacts.model.identity import Identity
from crm_contacts.queries import identities, records
from crm_contacts.schemas.identities import (
    IdentitiesIn,
    IdentitiesOut,
    IdentityOut,
    RecogniseIn,
    SeenIn,
)

blueprint = Blueprint("identities", __name__, url_prefix="/v1/identities", kind="identity")
Fields = Mapping[str, Any]


@blueprint.post("")
@blueprint.arguments(SeenIn)
@blueprint.response(201, IdentityOut)
@blueprint.alt_response(200, schema=IdentityOut, description="It is known already")
def see_visitor(fields: Fields) -> Response:
    """Say that somebody was seen: 201 for a stranger, 200 for who is known by (channel, value)."""
    return web.write(commands.see_visitor, commands.SeeVisitor(**fields), status=201, found=200)


@blueprint.get("")
@blueprint.arguments(IdentitiesIn, location="query")
@blueprint.response(200, IdentitiesOut)
def list_identities(filters: Fields) -> Response:
    """List visitors, the last seen first."""
    return web.listing(
        identities.identities(filters),
        kind="identity",
        id_column=Identity.id,
        sorts=identities.IDENTITY_SORTS,
        args=filters,
        default="-last_seen_at",
    )


@blueprint.get("/<uuid:identity_id>")
@blueprint.response(200, IdentityOut)
def read_identity(identity_id: UUID) -> Response:
    """Read a visitor."""
    return web.read("identity", identity_id)


@blueprint.put("/<uuid:identity_id>/contact")
@blueprint.arguments(RecogniseIn)
@blueprint.response(200, IdentityOut)
def recognise(fields: Fields, identity_id: UUID) -> Response:
    """Say whom a visitor is; what passed between us is on that contact's page from then on."""
    web.read("identity", identity_id)
    if fields.get("contact_id"):
        web.read("contact", fields["contact_id"])
    else:
        _refuse_unseen(fields["email"])
    command = commands.Recognise(identity_id=identity_id, **fields)
    return web.write(commands.recognise, command)


def _refuse_unseen(email: str) -> None:
    """An address of somebody the caller may not see is nobody's. Raises Invalid."""
    with web.sessions()() as session:
        contact_id = records.contact_id_with_email(session, email)
    try:
        web.require("contact", [contact_id] if contact_id else [], "read")
    except NotFound as error:
        raise Invalid({"email": ["no such contact"]}) from error
