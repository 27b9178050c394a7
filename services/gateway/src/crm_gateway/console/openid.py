"""Signing in by the provider of the house: away to it, and back with its answer."""

from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, request

from crm_chassis import clock, web
from crm_gateway.clients.provider import Provider
from crm_gateway.console import sign_in
from crm_gateway.identity import openid
from crm_gateway.identity.openid import Attempt
from crm_gateway.model import EmailTaken, ProviderAway, SignInRefused

COOKIE = "rapport_oidc"
_PATH = "/sign-in/oidc"
_LONGEST = 4000

pages = Blueprint("openid", __name__, url_prefix=_PATH)


@pages.get("")
def begin() -> Any:
    """Go to the provider; the browser keeps, sealed, what the answer has to fit."""
    wanted = sign_in.safe(request.args.get("next"))
    try:
        address, attempt = openid.ask(_provider(), wanted=wanted, back=_back(), now=clock.now())
    except ProviderAway as refusal:
        return sign_in.shown(refused=refusal.title, next=wanted, status=int(refusal.status))
    response = redirect(address, 303)
    response.set_cookie(
        COOKIE, attempt.sealed(current_app.extensions["sealer"]), path=_PATH, httponly=True,
        max_age=openid.LASTS_SECONDS, samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )  # fmt: skip
    return response


@pages.get("/callback")
def back() -> Any:
    """Begin a session for who the provider says it is; an attempt is good for one answer."""
    try:
        response = _entered()
    except (SignInRefused, ProviderAway) as refusal:
        reason = refusal.title if isinstance(refusal, ProviderAway) else refusal.detail
        response = sign_in.shown(refused=str(reason).capitalize(), status=int(refusal.status))
    except EmailTaken as refusal:
        reason = f"{refusal.title}; ask an administrator"
        response = sign_in.shown(refused=reason, status=int(refusal.status))
    response.delete_cookie(COOKIE, path=_PATH)
    return response


def _entered() -> Response:
    provider, kept = _provider(), request.cookies.get(COOKIE, "")
    attempt = Attempt.opened(kept[:_LONGEST], current_app.extensions["sealer"], now=clock.now())
    token = openid.finish(
        web.sessions(), provider, attempt, request.args.to_dict(), back=_back(),
        address=request.remote_addr, agent=request.headers.get("User-Agent"), now=clock.now(),
    )  # fmt: skip
    return sign_in.entered(token, attempt.wanted)


def _provider() -> Provider:
    found: Provider | None = current_app.extensions["provider"]
    return found or abort(404)


def _back() -> str:
    return str(current_app.extensions["desk"].url).rstrip("/") + _PATH + "/callback"
