"""/v1/auth, /v1/users, /v1/teams, /v1/api-keys."""

from typing import Any
from uuid import UUID

from flask import Response, current_app, request
from sqlalchemy.orm import Session

from crm_chassis import clock, db, paging, web
from crm_chassis.auth import Principal
from crm_chassis.problems import Forbidden, NotFound
from crm_chassis.web.blueprints import Blueprint
from crm_gateway import identity, schemas
from crm_gateway.identity import granting
from crm_gateway.identity.credentials import SESSION_LASTS
from crm_gateway.model import Credential, Team, User
from crm_gateway.queries import identity as queries

auth = Blueprint("auth", __name__, url_prefix="/v1/auth")
users = Blueprint("users", __name__, url_prefix="/v1/users", kind="user")
teams = Blueprint("teams", __name__, url_prefix="/v1/teams", kind="team")
keys = Blueprint("api-keys", __name__, url_prefix="/v1/api-keys")


def blueprints() -> list[Blueprint]:
    """Return identity's blueprints."""
    return [auth, users, teams, keys]


@auth.route("/token", methods=["POST"])
@auth.arguments(schemas.SignInIn)
@auth.response(200, schemas.TokenOut)
@auth.doc(security=[])
@web.needs()
def sign_in(given: dict[str, Any]) -> dict[str, Any]:
    """Exchange an e-mail address and a password for a token."""
    wanted = identity.SignIn(
        **given, address=request.remote_addr, agent=request.headers.get("User-Agent")
    )
    sealer = current_app.extensions["sealer"]
    token = identity.sign_in(web.sessions(), wanted, sealer, now=clock.now())
    seconds = int(SESSION_LASTS.total_seconds())
    return {"access_token": token, "token_type": "Bearer", "expires_in": seconds}


@auth.route("/token", methods=["DELETE"])
@auth.response(204)
@web.needs()
def sign_out() -> None:
    """End the session this request is made with."""
    token = request.headers["Authorization"].partition(" ")[2]
    with db.transaction(web.sessions(), web.context()) as session:
        identity.revoke_token(session, token, now=clock.now())


@users.route("")
@users.arguments(paging.PageIn, location="query")
@users.response(200, schemas.UsersOut)
def list_users(args: dict[str, Any]) -> Response:
    """List users."""
    sorts = {"created_at": User.created_at, "name": User.name}
    return web.listing(queries.users(), kind="user", id_column=User.id, sorts=sorts, args=args)


@users.route("", methods=["POST"])
@users.arguments(schemas.UserIn)
@users.response(201, schemas.UserOut)
@web.needs(special="manage_users")
def create_user(given: dict[str, Any]) -> Response:
    """Create a user."""
    _check_assignable(given)
    return web.write(identity.create_user, identity.CreateUser(**given), status=201)


@users.route("/me")
@users.response(200, schemas.UserOut)
@web.needs()
def me() -> Response:
    """Who is signed in."""
    who = web.principal()
    if who.user_id is None:
        raise Forbidden(detail="a service has no user")
    return web.read("user", who.user_id)


@users.route("/<uuid:user_id>")
@users.response(200, schemas.UserOut)
def read_user(user_id: UUID) -> Response:
    """Read a user."""
    return web.read("user", user_id)


@users.route("/<uuid:user_id>", methods=["PATCH"])
@users.arguments(schemas.UserPatchIn)
@users.response(200, schemas.UserOut)
@web.needs(special="manage_users")
def change_user(changes: dict[str, Any], user_id: UUID) -> Response:
    """Change a user."""
    _check_assignable(changes, user_id)
    command = identity.ChangeUser(user_id=user_id, expected_version=web.if_match(), changes=changes)
    return web.write(identity.change_user, command)


@users.route("/<uuid:user_id>", methods=["DELETE"])
@users.response(200, schemas.UserOut)
@web.needs(special="manage_users")
def archive_user(user_id: UUID) -> Response:
    """Archive a user, who then signs in no more."""
    _check_assignable({}, user_id)
    command = identity.ArchiveUser(user_id=user_id, expected_version=web.if_match())
    return web.write(identity.archive_user, command)


@teams.route("")
@teams.arguments(paging.PageIn, location="query")
@teams.response(200, schemas.TeamsOut)
def list_teams(args: dict[str, Any]) -> Response:
    """List teams."""
    sorts = {"created_at": Team.created_at, "name": Team.name}
    return web.listing(queries.teams(), kind="team", id_column=Team.id, sorts=sorts, args=args)


@teams.route("", methods=["POST"])
@teams.arguments(schemas.TeamIn)
@teams.response(201, schemas.TeamOut)
@web.needs(special="manage_users")
def create_team(given: dict[str, Any]) -> Response:
    """Create a team."""
    return web.write(identity.create_team, identity.CreateTeam(**given), status=201)


@teams.route("/<uuid:team_id>")
@teams.response(200, schemas.TeamOut)
def read_team(team_id: UUID) -> Response:
    """Read a team."""
    return web.read("team", team_id)


@teams.route("/<uuid:team_id>", methods=["PATCH"])
@teams.arguments(schemas.TeamPatchIn)
@teams.response(200, schemas.TeamOut)
@web.needs(special="manage_users")
def change_team(changes: dict[str, Any], team_id: UUID) -> Response:
    """Rename a team, or put it below another."""
    command = identity.ChangeTeam(team_id=team_id, expected_version=web.if_match(), changes=changes)
    return web.write(identity.change_team, command)


@keys.route("")
@keys.response(200, schemas.ApiKeysOut)
@web.needs()
def list_keys() -> dict[str, Any]:
    """List one's own API keys; an administrator sees all."""
    who = web.principal()
    with web.sessions()() as session:
        found = queries.api_keys_of(session, None if who.is_admin else who.user_id)
    return {"items": [shown_key(key) for key in found], "next": None}


@keys.route("", methods=["POST"])
@keys.arguments(schemas.ApiKeyIn)
@keys.response(201, schemas.ApiKeyOut)
@web.needs()
def create_key(given: dict[str, Any]) -> dict[str, Any]:
    """Make an API key; it is shown once."""
    user_id = _keeper()
    refuse_more_than_held(given["scopes"])
    with db.transaction(web.sessions(), web.context()) as session:
        key, token = identity.issue_key(
            session,
            user_id=user_id,
            name=given["name"],
            scopes=given["scopes"],
            expires_at=given["expires_at"],
            now=clock.now(),
        )
    return shown_key(key) | {"key": token}


@keys.route("/<uuid:key_id>", methods=["DELETE"])
@keys.response(204)
@web.needs()
def revoke_key(key_id: UUID) -> None:
    """Revoke an API key; it is refused within five seconds."""
    _keeper()
    who = web.principal()
    with db.transaction(web.sessions(), web.context()) as session:
        owner_id = queries.credential(session, key_id).user_id
        if owner_id != who.user_id and not _keeps(session, who, owner_id):
            raise NotFound(f"API key {key_id}")
        identity.revoke(session, key_id, now=clock.now())


def _check_assignable(given: dict[str, Any], user_id: UUID | None = None) -> None:
    with web.sessions()() as session:
        granting.check_assignable(session, web.principal(), given, user_id)


def _keeper() -> UUID:
    """Return whose keys are dealt with; a key deals with keys only where it may do everything."""
    who = web.principal()
    if who.user_id is None:
        raise Forbidden(detail="a service has no keys")
    if who.on_behalf_of is not None:
        who.require("admin")
    return who.user_id


def _keeps(session: Session, who: Principal, owner_id: UUID) -> bool:
    """Say whether somebody may end keys of this account: an administrator, or its keeper."""
    owner = queries.user(session, owner_id)
    if who.is_admin or owner is None or owner.account_type != "service":
        return who.is_admin
    granting.check_assignable(session, who, {}, owner_id)
    return "manage_users" in who.rights.special


def refuse_more_than_held(scopes: list[str]) -> None:
    """A key is no way to more than its maker holds now; what roles grant, it is cut by itself."""
    who = web.principal()
    if "admin" in scopes:
        who.require("admin")
    if "write" in scopes and (who.reads_only or who.roles <= {"read-only"}):
        raise Forbidden(detail="who only reads makes keys that only read")


def shown_key(key: Credential) -> dict[str, Any]:
    """Return what is told of a key: all but the key."""
    names = (
        "id", "name", "scopes", "user_id", "created_at", "expires_at", "last_used_at",
    )  # fmt: skip
    return {name: getattr(key, name) for name in names}
