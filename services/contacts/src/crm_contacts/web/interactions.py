"""Routes of interactions."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response

from crm_chassis import web
from crm_chassis.web.blueprints import Blueprint
from crm_chassis.web.schemas import BatchOut
from crm_contacts.commands import interactions as commands
from crm_contacts.model.interaction import Interaction
from crm_contacts.queries import lists
from crm_contacts.schemas.interactions import (
    InteractionIn,
    InteractionOut,
    InteractionsIn,
    InteractionsOut,
)
from crm_contacts.web import batches
from crm_contacts.web.ownership import owned

blueprint = Blueprint("interactions", __name__, url_prefix="/v1/interactions", kind="interaction")
Fields = Mapping[str, Any]


@blueprint.post("")
@blueprint.arguments(InteractionIn)
@blueprint.response(201, InteractionOut)
def log_interaction(fields: Fields) -> Response:
    """Log an interaction; one with a known source and source id answers what was logged before."""
    command = commands.LogInteraction(fields=owned(fields))
    return web.write(commands.log_interaction, command, status=201)


@blueprint.get("")
@blueprint.arguments(InteractionsIn, location="query")
@blueprint.response(200, InteractionsOut)
def list_interactions(filters: Fields) -> Response:
    """List interactions, the latest first."""
    return web.listing(
        lists.interactions(filters),
        kind="interaction",
        id_column=Interaction.id,
        sorts=lists.INTERACTION_SORTS,
        args=filters,
        default="-at",
    )


@blueprint.get("/<uuid:interaction_id>")
@blueprint.response(200, InteractionOut)
def read_interaction(interaction_id: UUID) -> Response:
    """Read an interaction."""
    return web.read("interaction", interaction_id)


@blueprint.post("/batch")
@blueprint.arguments(batches.CREATE_ONLY)
@blueprint.response(207, BatchOut)
def log_interactions(batch: Fields) -> Response:
    """Log up to 500 interactions."""
    return web.write_batch(web.operations(batch, _BUILDERS))


_BUILDERS = {
    "create": batches.creating(
        commands.log_interaction,
        InteractionIn(),
        lambda fields: commands.LogInteraction(fields=owned(fields)),
    )
}
