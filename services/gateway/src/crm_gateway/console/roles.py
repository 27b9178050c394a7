"""Roles as a grid of what each object and action reaches; and who would see what of a customer."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, redirect, request, url_for
from marshmallow import ValidationError

from crm_chassis import web
from crm_chassis.auth import Principal
from crm_chassis.problems import Invalid, NotFound, Refusal
from crm_chassis.rights import ACTIONS, SPECIAL
from crm_contracts import objects
from crm_gateway.console import pages as rendering
from crm_gateway.identity import roles as commands
from crm_gateway.model import Role
from crm_gateway.queries import identity, roles
from crm_gateway.schemas.roles import RoleIn, RolePatchIn

pages = Blueprint("roles", __name__, url_prefix="/settings/roles")
LIMITS = {"hidden": "Hidden", "read": "Read only"}
RANGES = {"none": "None", "own": "Own", "team": "Team", "all": "All"}
_LONGEST_NAME = 80


@pages.before_request
def _refuse_others() -> None:
    """Roles are administrators' business; who is none does not find the page."""
    if not web.principal().is_admin:
        raise NotFound(request.path)


@pages.get("")
def index() -> Response:
    """List roles, and offer to make one."""
    return _listed()


@pages.post("")
def create() -> Any:
    """Make a role that grants nothing yet."""
    given = {"name": request.form.get("name", "").strip()[:_LONGEST_NAME]}
    try:
        command = commands.CreateRole(fields=_loaded(RoleIn(), given))
        made = web.write(commands.create_role, command, status=201).get_json()
    except Refusal as refusal:
        draft = rendering.draft("role", rendering.said(refusal))
        return _listed(draft=draft, status=int(refusal.status))
    return redirect(url_for(".show", role_id=made["id"]), 303)


@pages.get("/<uuid:role_id>")
def show(role_id: UUID) -> Response:
    """Show a role's grid; with `user` and `customer`, what that person sees of that customer."""
    return _shown(role_id)


@pages.post("/<uuid:role_id>")
def change(role_id: UUID) -> Any:
    """Save the grid."""
    return _written(role_id, lambda: web.write(commands.change_role, _changes(role_id)))


@pages.post("/<uuid:role_id>/removal")
def remove(role_id: UUID) -> Any:
    """Put a role away that nobody holds."""
    command = commands.ArchiveRole(role_id=role_id, expected_version=_version())
    return _written(role_id, lambda: web.write(commands.archive_role, command), is_gone=True)


def _changes(role_id: UUID) -> commands.ChangeRole:
    form = request.form
    grants = {
        name: {
            action: form[f"{name}.{action}"]
            for action in ACTIONS
            if form.get(f"{name}.{action}", "none") != "none"
        }
        for name in objects.objects()
    }
    given = {
        "name": form.get("name", "").strip()[:_LONGEST_NAME],
        "grants": {name: actions for name, actions in grants.items() if actions},
        "fields": _limits(),
        "special": form.getlist("special"),
    }
    return commands.ChangeRole(
        role_id=role_id, expected_version=_version(), changes=_loaded(RolePatchIn(), given)
    )


def _limits() -> dict[str, dict[str, str]]:
    """Return what the rows of limited fields say: object, field, limit; a row left empty is none."""
    found: dict[str, dict[str, str]] = {}
    rows = zip(
        request.form.getlist("limit.field"), request.form.getlist("limit.value"), strict=True
    )
    for field, limit in rows:
        name, _, of = field.strip().partition(".")
        if of and limit in LIMITS:
            found.setdefault(name, {})[of] = limit
    return found


def _written(role_id: UUID, work: Callable[[], Response], *, is_gone: bool = False) -> Any:
    try:
        work()
    except Refusal as refusal:
        draft = rendering.draft("role", rendering.said(refusal))
        return _shown(role_id, draft=draft, status=int(refusal.status))
    return redirect(url_for(".index") if is_gone else url_for(".show", role_id=role_id), 303)


def _listed(*, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200) -> Response:
    with web.sessions()() as session:
        found = [(role, roles.holders(session, role.id)) for role in roles.assignable(session)]
    return rendering.page("roles.html", status=status, draft=draft, found=found)


def _shown(
    role_id: UUID, *, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200
) -> Response:
    with web.sessions()() as session:
        role = session.get(Role, role_id)
        people = identity.people(session)
    if role is None or role.archived_at is not None:
        raise NotFound(f"role {role_id}")
    limits = [
        (f"{name}.{field}", limit)
        for name, of in role.fields.items()
        for field, limit in of.items()
    ]
    return rendering.page(
        "role.html", status=status, draft=draft, role=role, names=objects.objects(),
        actions=ACTIONS, ranges=RANGES, limits=sorted(limits), limit_words=LIMITS,
        special=SPECIAL, people=people, seen=_seen(),
        fields=[f"{name}.{each}" for name in objects.objects() for each in sorted(objects.fields_of(name))],
        is_fixed=role.key is not None,
    )  # fmt: skip


def _seen() -> dict[str, Any] | None:
    """Return what somebody would see of a customer, both named in the address."""
    user_id = request.args.get("user", type=UUID)
    customer_id = _customer_id(request.args.get("customer", ""))
    if user_id is None or customer_id is None:
        return None
    who = _as(user_id)
    page = rendering.viewer().page(customer_id, who)
    if page is None:
        return {"page": None}
    current_app.extensions["reads"].note(web.principal(), customer_id, web.origin())
    lists = {
        f"{section} {name}": len(value)
        for section, each in page["sections"].items()
        for name, value in each["data"].items()
        if isinstance(value, list) and value
    }
    return {"page": page, "lists": lists, "timeline": len(page["timeline"]["items"])}


def _customer_id(given: str) -> UUID | None:
    """Return the id in what was pasted: an id, or the address of a customer's page."""
    try:
        return UUID(given.strip().rstrip("/").rpartition("/")[2])
    except ValueError:
        return None


def _as(user_id: UUID) -> Principal:
    with web.sessions()() as session:
        user = identity.user(session, user_id)
        if user is None:
            raise NotFound(f"user {user_id}")
        who = Principal(actor=f"user:{user.id}", user_id=user.id, roles=frozenset(user.roles))
        return commands.standing_of(session, who, user)


def _loaded(schema: RolePatchIn, given: dict[str, Any]) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(given)
    except ValidationError as error:
        raise Invalid(
            {str(name): [str(why)] for name, why in error.messages_dict.items()}
        ) from error
    return loaded


def _version() -> int | None:
    return request.form.get("version", type=int)
