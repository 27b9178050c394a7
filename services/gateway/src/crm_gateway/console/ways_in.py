"""Inviting people, and accounts of services with their keys: parts of the page of users."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, request
from sqlalchemy.orm import Session

from crm_chassis import clock, db, web
from crm_chassis.problems import Forbidden, Refusal
from crm_gateway import identity
from crm_gateway.console import pages as rendering
from crm_gateway.console import users
from crm_gateway.identity import granting, invitations, services
from crm_gateway.queries import invitations as queries
from crm_gateway.schemas.ways_in import InvitationIn, ServiceIn, ServiceKeyIn

pages = Blueprint("ways_in", __name__, url_prefix="/settings/users")
pages.before_request(users.refuse_others)


@pages.post("/invitations")
def invite() -> Any:
    """Invite somebody; without mail the link is shown, this once."""

    def work(session: Session) -> str:
        given = {"email": request.form.get("email", "").strip(), **users.standing()}
        fields = users.loaded(InvitationIn(), given)
        granting.check_assignable(session, web.principal(), fields)
        command = identity.Invite(by=_me(), **fields)
        return identity.invite(session, command, _desk(), now=clock.now())[1]

    return _linked("invitation", work)


@pages.post("/invitations/<uuid:invitation_id>/renewal")
def renew(invitation_id: UUID) -> Any:
    """Send another link instead."""

    def work(session: Session) -> str:
        given = {"roles": queries.invitation(session, invitation_id).roles}
        granting.check_assignable(session, web.principal(), given)
        return invitations.renew(session, invitation_id, _desk(), by=_me(), now=clock.now())[1]

    return _linked("invitation", work)


@pages.post("/invitations/<uuid:invitation_id>/removal")
def revoke(invitation_id: UUID) -> Any:
    """Let the link be none any more."""

    def work() -> None:
        with db.transaction(web.sessions(), web.context()) as session:
            invitations.revoke(session, invitation_id, now=clock.now())

    return users.done("invitation", work)


@pages.post("/services")
def create_service() -> Any:
    """Make an account of a service, owned by who makes it."""

    def work() -> Response:
        given = {"name": request.form.get("name", ""), **users.standing()}
        fields = users.loaded(ServiceIn(), given) | {"owner_id": _me()}
        users.check(fields)
        return web.write(identity.create_service, identity.CreateService(**fields), status=201)

    return users.done("service", work)


@pages.post("/services/<uuid:service_id>/keys")
def create_key(service_id: UUID) -> Any:
    """Make a key of a service; it is shown this once."""
    form = f"service-{service_id}"
    given = {
        "name": request.form.get("name", ""), "scopes": request.form.getlist("scopes"),
        "expires_at": f"{request.form.get('expires_on', '')}T00:00:00Z",
    }  # fmt: skip
    try:
        fields = users.loaded(ServiceKeyIn(), given)
        if "admin" in fields["scopes"]:
            web.principal().require("admin")
        with db.transaction(web.sessions(), web.context()) as session:
            granting.check_assignable(session, web.principal(), {}, service_id)
            _, key = services.issue_key(session, service_id, **fields, now=clock.now())
    except Refusal as refusal:
        return _again(form, refusal)
    return users.listed(made={"what": "key", "form": form, "value": key})


def _linked(form: str, work: Any) -> Any:
    """Do it; show the link where no mail carries it."""
    links: list[str] = []

    def kept() -> None:
        with db.transaction(web.sessions(), web.context()) as session:
            links.append(work(session))

    answer = users.done(form, kept)
    if links and not _desk().sends:
        return users.listed(made={"what": "link", "form": form, "value": links[0]})
    return answer


def _again(form: str, refusal: Refusal) -> Response:
    draft = rendering.draft(form, rendering.said(refusal))
    return users.listed(draft=draft, status=int(refusal.status))


def _me() -> UUID:
    who = web.principal().user_id
    if who is None:
        raise Forbidden
    return who


def _desk() -> identity.Desk:
    return current_app.extensions["desk"]  # type: ignore[no-any-return]
