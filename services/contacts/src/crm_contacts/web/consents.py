"""Routes of what contacts allow."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response

from crm_chassis import web
from crm_chassis.web.blueprints import Blueprint
from crm_contacts.commands import consents as commands
from crm_contacts.model.consent import Consent
from crm_contacts.queries import lists
from crm_contacts.schemas.consents import ConsentIn, ConsentOut, ConsentsIn, ConsentsOut

blueprint = Blueprint("consents", __name__, url_prefix="/v1")
Fields = Mapping[str, Any]


@blueprint.post("/contacts/<uuid:contact_id>/consents")
@blueprint.arguments(ConsentIn)
@blueprint.response(201, ConsentOut)
@web.needs("update", kind="contact", subject="contact_id")
def record_consent(fields: Fields, contact_id: UUID) -> Response:
    """Write down what a contact said; nothing said before is changed."""
    web.read("contact", contact_id)
    command = commands.RecordConsent(contact_id=contact_id, fields=fields)
    return web.write(commands.record_consent, command, status=201)


@blueprint.get("/contacts/<uuid:contact_id>/consents")
@blueprint.arguments(ConsentsIn, location="query")
@blueprint.response(200, ConsentsOut)
@web.needs("read", kind="consent", subject=("contact_id", "contact"))
def list_consents(filters: Fields, contact_id: UUID) -> Response:
    """List what a contact said, the last first."""
    web.read("contact", contact_id)
    return web.listing(
        lists.consents(contact_id, filters),
        kind="consent",
        id_column=Consent.id,
        sorts=lists.CONSENT_SORTS,
        args=filters,
        default="-at",
    )


@blueprint.get("/consents/<uuid:consent_id>")
@blueprint.response(200, ConsentOut)
@web.needs("read", kind="consent")
def read_consent(consent_id: UUID) -> Response:
    """Read one thing a contact said."""
    return web.read("consent", consent_id)
