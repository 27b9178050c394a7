"""Rate limits: per caller on everything, per address on signing in."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask, Response, g, request
from limits import RateLimitItem, parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from crm_chassis import clock
from crm_chassis.web import problem_response
from crm_gateway.api.windows import Windows
from crm_gateway.model import TooManyRequests

SIGN_INS = "10/minute"
STRANGERS = "120/minute"  # requests without a valid token, per address
_SIGN_IN_PATHS = frozenset({"/v1/auth/token", "/sign-in"})
_UNLIMITED_PREFIXES = ("/static/", "/livez", "/readyz")


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in a window for each of whom it counts."""

    limiter: FixedWindowRateLimiter
    item: RateLimitItem
    name: str

    def takes(self, who: str) -> bool:
        """Count a request; return whether it is within the limit."""
        return bool(self.limiter.hit(self.item, self.name, who))

    def headers(self, who: str) -> dict[str, str]:
        """Return the RateLimit headers of an answer."""
        stats = self.limiter.get_window_stats(self.item, self.name, who)
        return {
            "RateLimit-Limit": str(self.item.amount),
            "RateLimit-Remaining": str(max(stats.remaining, 0)),
            "RateLimit-Reset": str(max(int(stats.reset_time - clock.now().timestamp()), 0)),
        }

    def refusal(self, who: str) -> Response:
        """Return the answer to a request too many."""
        response = problem_response(TooManyRequests())
        response.headers["Retry-After"] = str(max(int(self.headers(who)["RateLimit-Reset"]), 1))
        return response


def install(app: Flask, *, rate: str, storage: str) -> Limit:
    """Limit every caller to `rate` (like `6000/minute`) and failed sign-ins to ten a minute.

    Returns the callers' limit, for what is answered in front of Flask.
    """
    counted = Windows() if storage == "memory://" else storage_from_string(storage)
    limiter = FixedWindowRateLimiter(counted)
    every, sign_in, stranger = (
        Limit(limiter, parse(rate), "caller"),
        Limit(limiter, parse(SIGN_INS), "sign-in"),
        Limit(limiter, parse(STRANGERS), "stranger"),
    )

    def check() -> Response | None:
        if request.path.startswith(_UNLIMITED_PREFIXES):
            return None
        if request.path in _SIGN_IN_PATHS and request.method == "POST":
            allowed = limiter.test(sign_in.item, sign_in.name, _address())
            return None if allowed else sign_in.refusal(_address())
        g.limited = _caller()
        return None if every.takes(g.limited) else every.refusal(g.limited)

    def note(response: Response) -> Response:
        if request.path in _SIGN_IN_PATHS and response.status_code in {401, 422}:
            sign_in.takes(_address())
        elif response.status_code == HTTPStatus.UNAUTHORIZED and not stranger.takes(_address()):
            return stranger.refusal(_address())
        if "limited" in g:
            response.headers.update(every.headers(g.limited))
        return response

    app.before_request(check)
    app.after_request(note)
    return every


def _caller() -> str:
    principal = g.get("principal")
    return principal.actor if principal else _address()


def _address() -> str:
    return request.remote_addr or "unknown"
