"""Users and teams: who is let in, who may do what, who belongs where."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for
from marshmallow import Schema, ValidationError

from crm_chassis import clock, web
from crm_chassis.problems import Invalid, NotFound, Refusal
from crm_gateway import identity, schemas
from crm_gateway.console import pages as rendering
from crm_gateway.identity import granting
from crm_gateway.model import User
from crm_gateway.queries import identity as queries
from crm_gateway.queries import invitations, roles

pages = Blueprint("users", __name__, url_prefix="/settings/users")


def refuse_others() -> None:
    """Who may not keep users does not find the page."""
    if "manage_users" not in web.principal().rights.special:
        raise NotFound(request.path)


pages.before_request(refuse_others)


@pages.get("")
def index() -> Response:
    """List users and teams."""
    return listed()


@pages.post("/<uuid:user_id>")
def change(user_id: UUID) -> Any:
    """Give roles and a team, or let somebody sign in no more."""
    return done(f"user-{user_id}", lambda: _change(user_id))


@pages.post("/teams")
def create_team() -> Any:
    """Make a team, below another if it is named."""
    return done("team", _create_team)


def _change(user_id: UUID) -> Response:
    given = standing() | {"active": request.form.get("active") == "on"}
    changes = loaded(schemas.UserPatchIn(), given)
    check(changes, user_id)
    command = identity.ChangeUser(
        user_id=user_id, expected_version=request.form.get("version", type=int), changes=changes
    )
    return web.write(identity.change_user, command)


def _create_team() -> Response:
    given = {"name": request.form.get("name", ""), "parent_id": request.form.get("parent") or None}
    fields = loaded(schemas.TeamIn(), given)
    return web.write(identity.create_team, identity.CreateTeam(**fields), status=201)


def check(given: dict[str, Any], user_id: UUID | None = None) -> None:
    """Refuse giving more than one may oneself. Raises Invalid, Forbidden."""
    with web.sessions()() as session:
        granting.check_assignable(session, web.principal(), given, user_id)


def standing() -> dict[str, Any]:
    """Return roles and team as a form gives them."""
    return {"roles": request.form.getlist("roles"), "team_id": request.form.get("team") or None}


def done(form: str, work: Callable[[], object]) -> Any:
    """Do it and show the page anew; a refusal beside its form."""
    try:
        work()
    except Refusal as refusal:
        return listed(
            draft=rendering.draft(form, rendering.said(refusal)), status=int(refusal.status)
        )
    return redirect(url_for("console.users.index"), 303)


def listed(
    *, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200,
    made: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    """Return the page; `made` is a link or a key that is shown this once."""
    with web.sessions()() as session:
        people = queries.newest_users(session, after=request.args.get("after", type=UUID))
        known = roles.assignable(session)
        teams = queries.every_team(session)
        services = queries.newest_users(session, after=None, account_type="service")
        keys = {each.id: queries.api_keys_of(session, each.id) for each in services}
        waiting = invitations.newest(session, is_open=True)
    names = {role.key or str(role.id): role.name for role in known}
    return rendering.page(
        "users.html", status=status, draft=draft, people=people, roles=names,
        teams={team.id: team for team in teams}, next=people[-1].id if _goes_on(people) else None,
        services=services, keys=keys, invitations=waiting, made=made or {}, now=clock.now(),
    )  # fmt: skip


def _goes_on(people: list[User]) -> bool:
    return len(people) == queries.PAGE


def loaded(schema: Schema, given: dict[str, Any]) -> dict[str, Any]:
    """Return what a schema makes of a form. Raises Invalid."""
    try:
        found: dict[str, Any] = schema.load(given)
    except ValidationError as error:
        faults = {str(name): [str(why)] for name, why in error.messages_dict.items()}
        raise Invalid(faults) from error
    return found
