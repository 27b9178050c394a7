"""Users and teams: who is let in, who may do what, who belongs where."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for
from marshmallow import Schema, ValidationError

from crm_chassis import web
from crm_chassis.problems import Invalid, NotFound, Refusal
from crm_gateway import identity, schemas
from crm_gateway.console import pages as rendering
from crm_gateway.identity import granting
from crm_gateway.model import User
from crm_gateway.queries import identity as queries
from crm_gateway.queries import roles

pages = Blueprint("users", __name__, url_prefix="/settings/users")


@pages.before_request
def _refuse_others() -> None:
    """Who may not keep users does not find the page."""
    if "manage_users" not in web.principal().rights.special:
        raise NotFound(request.path)


@pages.get("")
def index() -> Response:
    """List users and teams."""
    return _listed()


@pages.post("")
def invite() -> Any:
    """Let somebody in; they sign in once a password is set."""
    return _done("user", _invite)


@pages.post("/<uuid:user_id>")
def change(user_id: UUID) -> Any:
    """Give roles and a team, or let somebody sign in no more."""
    return _done(f"user-{user_id}", lambda: _change(user_id))


@pages.post("/teams")
def create_team() -> Any:
    """Make a team, below another if it is named."""
    return _done("team", _create_team)


def _invite() -> Response:
    given = {"email": request.form.get("email", ""), "name": request.form.get("name", "")}
    fields = _loaded(schemas.UserIn(), given | _standing())
    _check(fields)
    return web.write(identity.create_user, identity.CreateUser(**fields), status=201)


def _change(user_id: UUID) -> Response:
    given = _standing() | {"active": request.form.get("active") == "on"}
    changes = _loaded(schemas.UserPatchIn(), given)
    _check(changes, user_id)
    command = identity.ChangeUser(
        user_id=user_id, expected_version=request.form.get("version", type=int), changes=changes
    )
    return web.write(identity.change_user, command)


def _create_team() -> Response:
    given = {"name": request.form.get("name", ""), "parent_id": request.form.get("parent") or None}
    fields = _loaded(schemas.TeamIn(), given)
    return web.write(identity.create_team, identity.CreateTeam(**fields), status=201)


def _check(given: dict[str, Any], user_id: UUID | None = None) -> None:
    with web.sessions()() as session:
        granting.check_assignable(session, web.principal(), given, user_id)


def _standing() -> dict[str, Any]:
    return {"roles": request.form.getlist("roles"), "team_id": request.form.get("team") or None}


def _done(form: str, work: Callable[[], Response]) -> Any:
    try:
        work()
    except Refusal as refusal:
        return _listed(
            draft=rendering.draft(form, rendering.said(refusal)), status=int(refusal.status)
        )
    return redirect(url_for(".index"), 303)


def _listed(*, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200) -> Response:
    with web.sessions()() as session:
        people = queries.newest_users(session, after=request.args.get("after", type=UUID))
        known = roles.assignable(session)
        teams = queries.every_team(session)
    names = {role.key or str(role.id): role.name for role in known}
    return rendering.page(
        "users.html", status=status, draft=draft, people=people, roles=names,
        teams={team.id: team for team in teams}, next=people[-1].id if _goes_on(people) else None,
    )  # fmt: skip


def _goes_on(people: list[User]) -> bool:
    return len(people) == queries.PAGE


def _loaded(schema: Schema, given: dict[str, Any]) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(given)
    except ValidationError as error:
        faults = {str(name): [str(why)] for name, why in error.messages_dict.items()}
        raise Invalid(faults) from error
    return loaded
