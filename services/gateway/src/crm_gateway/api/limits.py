"""Rate limits: per caller on everything, per address on signing in."""

from flask import Flask, Response, g, request
from limits import RateLimitItem, parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from crm_chassis import clock
from crm_chassis.web import problem_response
from crm_gateway.model import TooManyRequests

SIGN_INS = "10/minute"
_SIGN_IN_PATHS = frozenset({"/v1/auth/token", "/sign-in"})
_UNLIMITED_PREFIXES = ("/static/", "/livez", "/readyz")


def install(app: Flask, *, rate: str, storage: str) -> None:
    """Limit every caller to `rate` (like `6000/minute`) and failed sign-ins to ten a minute."""
    limiter = FixedWindowRateLimiter(storage_from_string(storage))
    every, sign_in = parse(rate), parse(SIGN_INS)

    def check() -> Response | None:
        if request.path.startswith(_UNLIMITED_PREFIXES):
            return None
        if request.path in _SIGN_IN_PATHS and request.method == "POST":
            allowed = limiter.test(sign_in, "sign-in", _address())
            return None if allowed else _refuse(limiter, sign_in, "sign-in", _address())
        g.limited = (every, _caller())
        if limiter.hit(every, "caller", _caller()):
            return None
        return _refuse(limiter, every, "caller", _caller())

    def note(response: Response) -> Response:
        if request.path in _SIGN_IN_PATHS and response.status_code in {401, 422}:
            limiter.hit(sign_in, "sign-in", _address())
        if "limited" in g:
            item, caller = g.limited
            stats = limiter.get_window_stats(item, "caller", caller)
            response.headers["RateLimit-Limit"] = str(item.amount)
            response.headers["RateLimit-Remaining"] = str(max(stats.remaining, 0))
            response.headers["RateLimit-Reset"] = str(
                max(int(stats.reset_time - clock.now().timestamp()), 0)
            )
        return response

    app.before_request(check)
    app.after_request(note)


def _caller() -> str:
    principal = g.get("principal")
    return principal.actor if principal else _address()


def _address() -> str:
    return request.remote_addr or "unknown"


def _refuse(limiter: FixedWindowRateLimiter, item: RateLimitItem, name: str, who: str) -> Response:
    reset = limiter.get_window_stats(item, name, who).reset_time
    response = problem_response(TooManyRequests())
    response.headers["Retry-After"] = str(max(int(reset - clock.now().timestamp()), 1))
    return response
