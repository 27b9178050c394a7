"""Routes of relationships and their types."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response

from crm_chassis import web
from crm_chassis.web.blueprints import Blueprint
from crm_contacts.commands import relationships as commands
from crm_contacts.model.relationship import Relationship, RelationshipType
from crm_contacts.queries import relationships as queries
from crm_contacts.schemas.relationships import (
    RelationshipIn,
    RelationshipOut,
    RelationshipPatchIn,
    RelationshipsIn,
    RelationshipsOut,
    RelationshipTypeIn,
    RelationshipTypeOut,
    RelationshipTypePatchIn,
    RelationshipTypesIn,
    RelationshipTypesOut,
)
from crm_contacts.web.ownership import owned

types = Blueprint(
    "relationship_types", __name__, url_prefix="/v1/relationship-types", kind="relationship_type"
)
blueprint = Blueprint(
    "relationships", __name__, url_prefix="/v1/relationships", kind="relationship"
)
Fields = Mapping[str, Any]


@types.post("")
@types.arguments(RelationshipTypeIn)
@types.response(201, RelationshipTypeOut)
@types.alt_response(200, schema=RelationshipTypeOut, description="It is known already")
def define_relationship(fields: Fields) -> Response:
    """Define a type of relationship; 200 where it is there already."""
    command = commands.DefineRelationship(fields=fields)
    return web.write(commands.define_relationship, command, status=201, found=200)


@types.post("/usual")
@types.response(200, RelationshipTypeOut)
def define_usual() -> Response:
    """Define the types most companies want: supplier, partner, household, reports to, adviser."""
    return web.write(commands.define_usual, None)


@types.get("")
@types.arguments(RelationshipTypesIn, location="query")
@types.response(200, RelationshipTypesOut)
def list_types(filters: Fields) -> Response:
    """List types of relationships."""
    return web.listing(
        queries.types(filters),
        kind="relationship_type",
        id_column=RelationshipType.id,
        sorts=queries.TYPE_SORTS,
        args=filters,
        default="name",
    )


@types.get("/<uuid:type_id>")
@types.response(200, RelationshipTypeOut)
def read_type(type_id: UUID) -> Response:
    """Read a type."""
    return web.read("relationship_type", type_id)


@types.patch("/<uuid:type_id>")
@types.arguments(RelationshipTypePatchIn)
@types.response(200, RelationshipTypeOut)
def rename_relationship(changes: Fields, type_id: UUID) -> Response:
    """Call a type otherwise; relationships of it follow within seconds."""
    command = commands.RenameRelationship(
        type_id=type_id, expected_version=web.if_match(), changes=changes
    )
    return web.write(commands.rename_relationship, command)


@types.delete("/<uuid:type_id>")
@types.response(200, RelationshipTypeOut)
def archive_type(type_id: UUID) -> Response:
    """Offer a type no more; relationships of it stay."""
    return _shelved(RelationshipType, type_id)


@types.put("/<uuid:type_id>/restoration")
@types.response(200, RelationshipTypeOut)
def restore_type(type_id: UUID) -> Response:
    """Bring an archived type back."""
    return _shelved(RelationshipType, type_id, is_back=True)


@blueprint.post("")
@blueprint.arguments(RelationshipIn)
@blueprint.response(201, RelationshipOut)
@blueprint.alt_response(200, schema=RelationshipOut, description="It is known already")
def relate(fields: Fields) -> Response:
    """Say what one is to another; 200 where that is said already."""
    values = dict(owned(fields))
    command = commands.Relate(
        type_id=values.pop("type_id"),
        one=values.pop("from_"),
        other=values.pop("to"),
        fields=values,
    )
    return web.write(commands.relate, command, status=201, found=200)


@blueprint.get("")
@blueprint.arguments(RelationshipsIn, location="query")
@blueprint.response(200, RelationshipsOut)
def list_relationships(filters: Fields) -> Response:
    """List relationships."""
    return web.listing(
        queries.relationships(filters),
        kind="relationship",
        id_column=Relationship.id,
        sorts=queries.RELATIONSHIP_SORTS,
        args=filters,
    )


@blueprint.get("/<uuid:relationship_id>")
@blueprint.response(200, RelationshipOut)
def read_relationship(relationship_id: UUID) -> Response:
    """Read a relationship."""
    return web.read("relationship", relationship_id)


@blueprint.patch("/<uuid:relationship_id>")
@blueprint.arguments(RelationshipPatchIn)
@blueprint.response(200, RelationshipOut)
def update_relationship(changes: Fields, relationship_id: UUID) -> Response:
    """Change what is said beside a relationship."""
    web.read("relationship", relationship_id)  # 404 for who may not see it
    command = commands.UpdateRelationship(
        relationship_id=relationship_id, expected_version=web.if_match(), changes=changes
    )
    return web.write(commands.update_relationship, command)


@blueprint.delete("/<uuid:relationship_id>")
@blueprint.response(200, RelationshipOut)
def archive_relationship(relationship_id: UUID) -> Response:
    """Say that they are that no longer."""
    return _shelved(Relationship, relationship_id)


@blueprint.put("/<uuid:relationship_id>/restoration")
@blueprint.response(200, RelationshipOut)
def restore_relationship(relationship_id: UUID) -> Response:
    """Bring an archived relationship back."""
    return _shelved(Relationship, relationship_id, is_back=True)


def _shelved(
    kind: type[Relationship] | type[RelationshipType], record_id: UUID, *, is_back: bool = False
) -> Response:
    web.read(str(kind.__tablename__), record_id)
    command = commands.Shelve(
        kind=kind, record_id=record_id, expected_version=web.if_match(), is_back=is_back
    )
    return web.write(commands.shelve, command)
