"""Rate limits: per caller on everything, per address on the doors."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast

from flask import Flask, Response, g, request
from limits import RateLimitItem, parse
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from crm_chassis import clock
from crm_chassis.auth import Principal
from crm_chassis.web import problem_response
from crm_gateway.api.callers import Callers
from crm_gateway.api.windows import Elsewhere, Windows
from crm_gateway.model import TooManyRequests

SIGN_INS = "10/minute"
STRANGERS = "120/minute"  # requests without a valid token, per address
# Where passwords, tokens and codes are tried; where mail is asked for, each request counts.
_DOORS = re.compile(
    r"/v1/auth/(token|invitations|password)|/sign-in(/oidc/callback)?|/invitations/.+|/password/.+"
)
_BELLS = frozenset({"/v1/auth/password-reset", "/password"})
_WRONG = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.GONE, HTTPStatus.UNPROCESSABLE_ENTITY})
_UNLIMITED_PREFIXES = ("/static/", "/livez", "/readyz")


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in a window for each address."""

    limiter: FixedWindowRateLimiter
    item: RateLimitItem
    name: str

    def takes(self, who: str) -> bool:
        """Count a request; return whether it is within the limit."""
        return bool(self.limiter.hit(self.item, self.name, who))

    def refuses(self, who: str) -> bool:
        """Say whether the next one would be too many, without counting it."""
        return not self.limiter.test(self.item, self.name, who)

    def refusal(self, who: str) -> Response:
        """Return the answer to a request too many."""
        until = self.limiter.get_window_stats(self.item, self.name, who).reset_time
        response = problem_response(TooManyRequests())
        response.headers["Retry-After"] = str(max(int(until - clock.now().timestamp()), 1))
        return response


def install(app: Flask, *, rate: str, storage: str, whole: str | None = None) -> Callers:
    """Limit callers (see Callers), and failures at a door to ten a minute for each address.

    Returns the callers' limits, for what is answered in front of Flask.
    """
    here = Windows()
    shared = None if storage == "memory://" else cast("Storage", storage_from_string(storage))
    limiter = FixedWindowRateLimiter(shared or here)
    every = Callers(Elsewhere(shared) if shared else here, rate, whole=whole)
    door = Limit(limiter, parse(SIGN_INS), "sign-in")
    stranger = Limit(limiter, parse(STRANGERS), "stranger")

    def check() -> Response | None:
        if request.path.startswith(_UNLIMITED_PREFIXES):
            return None
        if _is_tried():
            return door.refusal(_address()) if door.refuses(_address()) else None
        g.limited = _caller()
        return None if every.takes(g.limited) else every.refusal(g.limited)

    def note(response: Response) -> Response:
        if _is_tried():
            if request.path in _BELLS or response.status_code in _WRONG:
                door.takes(_address())
        elif response.status_code == HTTPStatus.UNAUTHORIZED and not stranger.takes(_address()):
            return stranger.refusal(_address())
        if "limited" in g:
            response.headers.update(every.headers(g.limited))
        return response

    app.before_request(check)
    app.after_request(note)
    return every


def _is_tried() -> bool:
    """Whether this request tries a secret, or has a mail sent."""
    if request.method in {"GET", "HEAD"}:
        return request.path == "/sign-in/oidc/callback"
    is_door = _DOORS.fullmatch(request.path) is not None or request.path in _BELLS
    return request.method == "POST" and is_door


def _caller() -> Principal | str:
    return g.get("principal") or _address()


def _address() -> str:
    return request.remote_addr or "unknown"
