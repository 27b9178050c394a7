"""/v1/users/invitations, /v1/auth/invitations, …/password, …/oidc: ways in besides the password."""

from typing import Any
from uuid import UUID

from flask import Response, current_app, request

from crm_chassis import clock, db, web
from crm_chassis.problems import Forbidden, NotFound
from crm_chassis.web.blueprints import Blueprint
from crm_gateway import identity
from crm_gateway.clients.provider import Provider
from crm_gateway.identity import forgotten, granting, invitations, openid
from crm_gateway.identity.credentials import SESSION_LASTS, start
from crm_gateway.model import Invitation
from crm_gateway.queries import invitations as queries
from crm_gateway.schemas import TokenOut
from crm_gateway.schemas import ways_in as schemas

auth = Blueprint("ways-in", __name__, url_prefix="/v1/auth")
invited = Blueprint("invitations", __name__, url_prefix="/v1/users/invitations")
OPEN = frozenset({
    "POST /v1/auth/invitations", "POST /v1/auth/password-reset", "POST /v1/auth/password",
    "POST /v1/auth/oidc/logout",
})  # fmt: skip
_GONE = {"410": {"description": "The link was used, has ended, or never was one"}}
_SHOWN = (
    "id", "email", "roles", "team_id", "invited_by", "created_at", "expires_at", "sent", "user_id",
)  # fmt: skip


def blueprints() -> list[Blueprint]:
    """Return the blueprints of ways in."""
    return [auth, invited]


@invited.route("")
@invited.response(200, schemas.InvitationsOut)
@web.needs(special="manage_users")
def list_invitations() -> dict[str, Any]:
    """List the newest 200 invitations."""
    with web.sessions()() as session:
        found = queries.newest(session)
    return {"items": [_shown(each) for each in found], "next": None}


@invited.route("", methods=["POST"])
@invited.arguments(schemas.InvitationIn)
@invited.response(201, schemas.InvitationOut)
@web.needs(special="manage_users")
def invite(given: dict[str, Any]) -> dict[str, Any]:
    """Invite somebody by mail; without mail the link is answered, this once."""
    command = identity.Invite(by=_inviter(), **given)
    with db.transaction(web.sessions(), web.context()) as session:
        granting.check_assignable(session, web.principal(), given)
        made, link = identity.invite(session, command, _desk(), now=clock.now())
    return _linked(made, link)


@invited.route("/<uuid:invitation_id>/renewal", methods=["POST"])
@invited.response(200, schemas.InvitationOut)
@web.needs(special="manage_users")
def renew(invitation_id: UUID) -> dict[str, Any]:
    """Send another link, good for a week; the one before counts no more."""
    with db.transaction(web.sessions(), web.context()) as session:
        given = {"roles": queries.invitation(session, invitation_id).roles}
        granting.check_assignable(session, web.principal(), given)
        found, link = invitations.renew(
            session, invitation_id, _desk(), by=_inviter(), now=clock.now()
        )
    return _linked(found, link)


@invited.route("/<uuid:invitation_id>", methods=["DELETE"])
@invited.response(200, schemas.InvitationOut)
@web.needs(special="manage_users")
def revoke(invitation_id: UUID) -> dict[str, Any]:
    """Let the link be none any more."""
    with db.transaction(web.sessions(), web.context()) as session:
        found = invitations.revoke(session, invitation_id, now=clock.now())
    return _shown(found)


@auth.route("/invitations", methods=["POST"])
@auth.arguments(schemas.AcceptIn)
@auth.response(201, TokenOut)
@auth.doc(security=[], responses=_GONE)
@web.needs()
def accept(given: dict[str, Any]) -> dict[str, Any]:
    """Take up an invitation by its link: a name, a password, and a first session."""
    with db.transaction(web.sessions(), db.Context(actor="sign-in")) as session:
        user = identity.accept(session, identity.Accept(**given), now=clock.now())
        agent = request.headers.get("User-Agent")
        token = start(session, user.id, address=request.remote_addr, agent=agent, now=clock.now())
    seconds = int(SESSION_LASTS.total_seconds())
    return {"access_token": token, "token_type": "Bearer", "expires_in": seconds}


@auth.route("/password-reset", methods=["POST"])
@auth.arguments(schemas.ForgottenIn)
@auth.response(202)
@auth.doc(security=[])
@web.needs()
def forget_password(given: dict[str, Any]) -> Response:
    """Have a link mailed that sets a new password; the answer is the same for whoever is named."""
    if _desk().sends:
        with db.transaction(web.sessions(), db.Context(actor="sign-in")) as session:
            forgotten.ask(session, given["email"], now=clock.now())
    return Response(status=202)


@auth.route("/password", methods=["POST"])
@auth.arguments(schemas.SetPasswordIn)
@auth.response(204)
@auth.doc(security=[], responses=_GONE)
@web.needs()
def set_password(given: dict[str, Any]) -> None:
    """Set a new password by a link that was mailed; every session ends."""
    with db.transaction(web.sessions(), db.Context(actor="sign-in")) as session:
        command = identity.SetPassword(**given)
        identity.set_password(session, command, _desk(), now=clock.now())


@auth.route("/oidc/logout", methods=["POST"])
@auth.arguments(schemas.LogoutIn, location="form")
@auth.response(200)
@auth.doc(security=[])
@web.takes_words
@web.needs()
def end_sessions(given: dict[str, Any]) -> Response:
    """Hear from the OpenID provider that somebody signed out there: what began there ends."""
    provider: Provider | None = current_app.extensions["provider"]
    if provider is None:
        raise NotFound(request.path)
    openid.end_as_told(web.sessions(), provider, given["logout_token"], now=clock.now())
    return Response(status=200, headers={"Cache-Control": "no-store"})


def _inviter() -> UUID:
    """Return who invites: somebody who answers for it, so a program does not."""
    who = web.principal()
    if who.user_id is None:
        raise Forbidden(detail="a service invites nobody")
    return who.user_id


def _linked(invitation: Invitation, link: str) -> dict[str, Any]:
    return _shown(invitation) | ({} if _desk().sends else {"link": link})


def _shown(invitation: Invitation) -> dict[str, Any]:
    told = {name: getattr(invitation, name) for name in _SHOWN}
    return told | {"status": invitation.status_at(clock.now())}


def _desk() -> identity.Desk:
    return current_app.extensions["desk"]  # type: ignore[no-any-return]
