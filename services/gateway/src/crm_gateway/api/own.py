"""/v1/users/me/password, /v1/users/me/second-factor, /v1/sessions: one's own."""

from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from flask import current_app, request

from crm_chassis import clock, db, web
from crm_chassis.problems import Forbidden
from crm_chassis.web.blueprints import Blueprint
from crm_gateway import identity
from crm_gateway.identity import second_factor
from crm_gateway.identity.credentials import token_hash
from crm_gateway.model import Credential, Sealer
from crm_gateway.queries import sign_in as queries
from crm_gateway.schemas import own as schemas

me = Blueprint("me", __name__, url_prefix="/v1/users/me")
sessions = Blueprint("sessions", __name__, url_prefix="/v1/sessions")
_SHOWN = ("id", "created_at", "expires_at", "last_used_at", "address", "agent")


def blueprints() -> list[Blueprint]:
    """Return the blueprints of what is one's own."""
    return [me, sessions]


@me.route("/password", methods=["PUT"])
@me.arguments(schemas.PasswordIn)
@me.response(204)
@web.needs()
def change_password(given: dict[str, Any]) -> None:
    """Take a new password; every other session ends."""
    command = identity.ChangePassword(user_id=_person(), token=_token(), **given)
    with _guarded(), db.transaction(web.sessions(), web.context()) as session:
        identity.change_password(session, command, now=clock.now())


@me.route("/second-factor", methods=["POST"])
@me.arguments(schemas.ConfirmIn)
@me.response(200, schemas.FactorOut)
@web.needs()
def begin_factor(given: dict[str, Any]) -> dict[str, str]:
    """Begin with a second factor: what an authenticator makes one-time codes of."""
    with _guarded(), db.transaction(web.sessions(), web.context()) as session:
        user = identity.refuse_wrong(session, _person(), given["password"])
        secret, uri = second_factor.start(session, user, _sealer())
    return {"secret": secret, "uri": uri}


@me.route("/second-factor", methods=["PUT"])
@me.arguments(schemas.CodeIn)
@me.response(200, schemas.RecoveryOut)
@web.needs()
def confirm_factor(given: dict[str, Any]) -> dict[str, Any]:
    """Let it count from now on, by a first code."""
    with _guarded(), db.transaction(web.sessions(), web.context()) as session:
        codes = second_factor.confirm(session, _person(), given["code"], _sealer(), now=clock.now())
    return {"recovery_codes": codes}


@me.route("/second-factor", methods=["DELETE"])
@me.arguments(schemas.ConfirmIn)
@me.response(204)
@web.needs()
def end_factor(given: dict[str, Any]) -> None:
    """Do without a second factor from now on."""
    with _guarded(), db.transaction(web.sessions(), web.context()) as session:
        identity.refuse_wrong(session, _person(), given["password"])
        second_factor.end(session, _person(), now=clock.now())


@sessions.route("")
@sessions.response(200, schemas.SessionsOut)
@web.needs()
def list_sessions() -> dict[str, Any]:
    """List where one is signed in."""
    current = token_hash(_token() or "")
    with web.sessions()() as session:
        found = queries.sessions_of(session, _person(), now=clock.now())
    return {"items": [_shown(each, current) for each in found], "next": None}


@sessions.route("/<uuid:session_id>", methods=["DELETE"])
@sessions.response(204)
@web.needs()
def end_session(session_id: UUID) -> None:
    """End one of one's own sessions; it is refused within five seconds."""
    with db.transaction(web.sessions(), web.context()) as session:
        identity.end_session(session, session_id, _person(), now=clock.now())


def _person() -> UUID:
    """Return who signed in; a key is nobody who has a password."""
    who = web.principal()
    if who.user_id is None or who.on_behalf_of is not None:
        raise Forbidden(detail="only somebody who signed in changes what is their own")
    return who.user_id


def _guarded() -> AbstractContextManager[None]:
    """Whoever stole a session guesses no more often than at the door."""
    return identity.counted(web.sessions(), _person(), now=clock.now())


def _token() -> str | None:
    return request.headers.get("Authorization", "").partition(" ")[2] or None


def _sealer() -> Sealer:
    return current_app.extensions["sealer"]  # type: ignore[no-any-return]


def _shown(found: Credential, current: bytes) -> dict[str, Any]:
    return {name: getattr(found, name) for name in _SHOWN} | {
        "current": bytes(found.token_hash) == current
    }
