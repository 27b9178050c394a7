"""Signing in and out: a session's token in a cookie that scripts cannot read."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, current_app, g, redirect, request, session

from crm_chassis import clock, db, web
from crm_chassis.problems import Unauthenticated
from crm_gateway import identity
from crm_gateway.console import pages as rendering
from crm_gateway.identity.credentials import SESSION_LASTS
from crm_gateway.model import CodeNeeded, SignInLocked, SignInRefused

COOKIE = "rapport_session"
_OPEN = frozenset(
    {
        "console.static",
        "console.missing",
        "console.sign_in.form",
        "console.sign_in.enter",
        "console.openid.begin",
        "console.openid.back",
        "console.links.invited",
        "console.links.accept",
        "console.links.ask",
        "console.links.asked",
        "console.links.choose",
        "console.links.chosen",
    }
)

pages = Blueprint("sign_in", __name__)


def know_visitor() -> Response | None:
    """Set who visits from the cookie; ask strangers to sign in first."""
    token = request.cookies.get(COOKIE)
    if token:
        try:
            g.principal = current_app.extensions["crm"].verifier.of_token(token)
        except Unauthenticated:
            g.pop("principal", None)
    if "principal" in g or request.endpoint in _OPEN:
        return None
    return _ask_to_sign_in()


def address() -> str:
    """Return where to sign in, to come back here."""
    wanted = request.full_path.rstrip("?") if request.method == "GET" else ""
    return "/sign-in" + (f"?{urlencode({'next': wanted})}" if wanted not in {"", "/"} else "")


@pages.get("/sign-in")
def form() -> Any:
    """Ask for an e-mail address and a password."""
    if "principal" in g:
        return redirect(safe(request.args.get("next")), 303)
    return shown(next=request.args.get("next", ""))


@pages.post("/sign-in")
def enter() -> Any:
    """Start a session and go where the visitor wanted to go."""
    email, password = request.form.get("email", ""), request.form.get("password", "")
    wanted = request.form.get("next", "")
    given = identity.SignIn(
        email=email, password=password, code=request.form.get("code", "").strip() or None,
        address=request.remote_addr, agent=request.headers.get("User-Agent"),
    )  # fmt: skip
    try:
        sealer = current_app.extensions["sealer"]
        token = identity.sign_in(web.sessions(), given, sealer, now=clock.now())
    except (SignInRefused, CodeNeeded, SignInLocked) as refusal:
        return shown(
            status=int(refusal.status), next=wanted, email=email, refused=refusal.title,
            wants_code=isinstance(refusal, CodeNeeded),
        )  # fmt: skip
    return entered(token, wanted)


def shown(*, status: int = 200, **values: Any) -> Response:
    """Return the page to sign in on, with the ways there are."""
    provider = current_app.extensions["provider"]
    return rendering.page(
        "sign_in.html", status=status, **{"email": "", "refused": "", "next": "", **values},
        provider=provider and provider.rules.name, mails=current_app.extensions["desk"].sends,
    )  # fmt: skip


def entered(token: str, wanted: str) -> Response:
    """Go where the visitor wanted to go, with a session; what came before is forgotten."""
    session.clear()
    response = redirect(safe(wanted), 303)
    response.set_cookie(
        COOKIE, token, max_age=int(SESSION_LASTS.total_seconds()), httponly=True, samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )  # fmt: skip
    return response  # type: ignore[return-value]


@pages.post("/sign-out")
def leave() -> Any:
    """End the session everywhere."""
    token = request.cookies.get(COOKIE, "")
    context = db.Context(actor="sign-in", origin=web.origin())
    with db.transaction(web.sessions(), context) as database:
        identity.revoke_token(database, token, now=clock.now())
    current_app.extensions["crm"].verifier.forget(token)
    session.clear()
    response = redirect("/sign-in", 303)
    response.delete_cookie(COOKIE)
    return response


def safe(wanted: str | None) -> str:
    """Return a path of ours, whatever was asked for: nobody is sent to another site."""
    parts = urlsplit(wanted or "/")
    is_ours = not parts.scheme and not parts.netloc and parts.path.startswith("/")
    is_plain = is_ours and not (wanted or "/").startswith(("//", "/\\")) and "\\" not in parts.path
    return (wanted or "/") if is_plain else "/"


def _ask_to_sign_in() -> Response:
    if rendering.wants_fragment() or "HX-Request" in request.headers:
        return Response("Sign in again.", 401, {"HX-Redirect": "/sign-in"}, mimetype="text/plain")
    return redirect(address(), 303)  # type: ignore[return-value]
