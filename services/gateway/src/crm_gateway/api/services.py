"""/v1/service-accounts: programs that act by keys, and have an owner."""

from typing import Any
from uuid import UUID

from flask import Response

from crm_chassis import clock, db, paging, web
from crm_chassis.problems import Forbidden
from crm_chassis.web.blueprints import Blueprint
from crm_gateway import identity, schemas
from crm_gateway.api.identity import refuse_more_than_held, shown_key
from crm_gateway.identity import granting, services
from crm_gateway.model import User
from crm_gateway.queries import identity as queries
from crm_gateway.schemas import ways_in

accounts = Blueprint("service-accounts", __name__, url_prefix="/v1/service-accounts", kind="user")


@accounts.route("")
@accounts.arguments(paging.PageIn, location="query")
@accounts.response(200, schemas.UsersOut)
def list_services(args: dict[str, Any]) -> Response:
    """List accounts of services."""
    sorts = {"created_at": User.created_at, "name": User.name}
    return web.listing(
        queries.users("service"), kind="user", id_column=User.id, sorts=sorts, args=args
    )


@accounts.route("", methods=["POST"])
@accounts.arguments(ways_in.ServiceIn)
@accounts.response(201, schemas.UserOut)
@web.needs(special="manage_users")
def create_service(given: dict[str, Any]) -> Response:
    """Make an account of a service; its owner answers for it."""
    given["owner_id"] = given["owner_id"] or web.principal().user_id
    if given["owner_id"] is None:
        raise Forbidden(detail="a service owns no service")
    with web.sessions()() as session:
        granting.check_assignable(session, web.principal(), given)
    return web.write(identity.create_service, identity.CreateService(**given), status=201)


@accounts.route("/<uuid:service_id>/keys")
@accounts.response(200, schemas.ApiKeysOut)
@web.needs(special="manage_users")
def list_keys(service_id: UUID) -> dict[str, Any]:
    """List the keys of a service."""
    with web.sessions()() as session:
        found = queries.api_keys_of(session, service_id)
    return {"items": [shown_key(key) for key in found], "next": None}


@accounts.route("/<uuid:service_id>/keys", methods=["POST"])
@accounts.arguments(ways_in.ServiceKeyIn)
@accounts.response(201, schemas.ApiKeyOut)
@web.needs(special="manage_users")
def create_key(given: dict[str, Any], service_id: UUID) -> dict[str, Any]:
    """Make a key of a service; it is shown once, and ends."""
    refuse_more_than_held(given["scopes"])
    with db.transaction(web.sessions(), web.context()) as session:
        granting.check_assignable(session, web.principal(), {}, service_id)
        key, token = services.issue_key(session, service_id, **given, now=clock.now())
    return shown_key(key) | {"key": token}
