"""What links in mails lead to: taking up an invitation, choosing a new password."""

from typing import Any

from flask import Blueprint, Response, current_app, redirect, request
from marshmallow import Schema, ValidationError

from crm_chassis import clock, db, web
from crm_chassis.problems import Invalid, Refusal
from crm_gateway import identity
from crm_gateway.console import pages as rendering
from crm_gateway.console import sign_in
from crm_gateway.identity import credentials, forgotten, invitations
from crm_gateway.schemas.ways_in import AcceptIn, ForgottenIn, SetPasswordIn

pages = Blueprint("links", __name__)
_CONTEXT = db.Context(actor="sign-in")


@pages.get("/invitations/<token>")
def invited(token: str) -> Response:
    """Ask who is invited for a name and a password."""
    return _invited(token)


@pages.post("/invitations/<token>")
def accept(token: str) -> Any:
    """Take up the invitation and begin a session."""
    given = {"token": token, "name": request.form.get("name", ""), "password": _password()}
    try:
        command = identity.Accept(**_loaded(AcceptIn(), given))
        with db.transaction(web.sessions(), _CONTEXT) as session:
            user = identity.accept(session, command, now=clock.now())
            begun = credentials.start(
                session, user.id, address=request.remote_addr,
                agent=request.headers.get("User-Agent"), now=clock.now(),
            )  # fmt: skip
    except Refusal as refusal:
        return _invited(token, refused=rendering.said(refusal), status=int(refusal.status))
    return sign_in.entered(begun, "/")


@pages.get("/password")
def ask() -> Response:
    """Ask whose password is forgotten."""
    return rendering.page("forgotten.html", is_asked=False)


@pages.post("/password")
def asked() -> Response:
    """Have a link mailed, if there is such a person; say the same whoever was named."""
    with db.transaction(web.sessions(), _CONTEXT) as session:
        if current_app.extensions["desk"].sends:
            given = _loaded(ForgottenIn(), {"email": request.form.get("email", "")})
            forgotten.ask(session, given["email"], now=clock.now())
    return rendering.page("forgotten.html", is_asked=True)


@pages.get("/password/<token>")
def choose(token: str) -> Response:
    """Ask for a new password."""
    return _choose(token)


@pages.post("/password/<token>")
def chosen(token: str) -> Any:
    """Take it; every session ends, and one signs in by the new one."""
    given = {"token": token, "password": _password()}
    try:
        command = identity.SetPassword(**_loaded(SetPasswordIn(), given))
        with db.transaction(web.sessions(), _CONTEXT) as session:
            desk = current_app.extensions["desk"]
            identity.set_password(session, command, desk, now=clock.now())
    except Refusal as refusal:
        return _choose(token, refused=rendering.said(refusal), status=int(refusal.status))
    return redirect("/sign-in", 303)


def _invited(token: str, *, refused: str = "", status: int = 200) -> Response:
    with web.sessions()() as session:
        email = invitations.looked_up(session, token, now=clock.now()).email
    return rendering.page(
        "invited.html", status=status, email=email, refused=refused,
        name=request.form.get("name", ""),
    )  # fmt: skip


def _choose(token: str, *, refused: str = "", status: int = 200) -> Response:
    with web.sessions()() as session:
        forgotten.looked_up(session, token, now=clock.now())
    return rendering.page("new_password.html", status=status, refused=refused)


def _password() -> str:
    return request.form.get("password", "")


def _loaded(schema: Schema, given: dict[str, Any]) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(given)
    except ValidationError as error:
        raise Invalid(
            {str(k): [str(w) for w in v] for k, v in error.messages_dict.items()}
        ) from error
    return loaded
