"""What stands before everything: proxies that are trusted, and pages of other origins."""

from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]
_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
_TAKEN = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-CRM-Source, "
    "X-CRM-Version, X-Request-Id, traceparent"
)
_SHOWN = (
    "Deprecation, ETag, Idempotency-Replayed, Link, Location, RateLimit-Limit, RateLimit-Policy, "
    "RateLimit-Remaining, RateLimit-Reset, Retry-After, Sunset, X-CRM-Version, X-CRM-Warnings, "
    "X-Request-Id"
)
_FOR_SECONDS = "600"


def install(app: Any, *, origins: tuple[str, ...], hops: int) -> None:
    """Let pages of these origins call the API; believe so many proxies who calls them, and how.

    Without origins and proxies nothing is put before anything, and costs nothing.
    """
    if origins:
        app.wsgi_app = Cors(app.wsgi_app, origins)
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)


class Cors:
    """Says to browsers that pages of some origins may call /v1 with a token of theirs.

    Never with cookies: `Access-Control-Allow-Credentials` is not sent, and the API takes none.
    """

    def __init__(self, behind: Wsgi, origins: tuple[str, ...]) -> None:
        """`origins`: like `https://app.example.com`, or `*` for every page there is."""
        self._behind, self._origins = behind, frozenset(origins)

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer what a browser asks first; name the origin on every other answer."""
        path: str = environ.get("PATH_INFO", "")
        if not (path.startswith("/v1/") or path == "/openapi.json"):
            return self._behind(environ, start_response)
        allowed = self._allowed(environ.get("HTTP_ORIGIN"))
        if _is_asked_first(environ):
            headers = allowed and [
                *allowed, ("Access-Control-Allow-Methods", _METHODS),
                ("Access-Control-Allow-Headers", _TAKEN),
                ("Access-Control-Max-Age", _FOR_SECONDS),
            ]  # fmt: skip
            start_response("204 NO CONTENT", [*headers, ("Vary", "Origin")])
            return ()

        def started(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            shown = [("Access-Control-Expose-Headers", _SHOWN)] if allowed else []
            return start_response(status, [*headers, *allowed, *shown, ("Vary", "Origin")], *more)

        return self._behind(environ, started)

    def _allowed(self, origin: str | None) -> list[tuple[str, str]]:
        if origin is None:
            return []
        name = "Access-Control-Allow-Origin"
        if "*" in self._origins:
            return [(name, "*")]
        return [(name, origin)] if origin in self._origins else []


def _is_asked_first(environ: Environ) -> bool:
    return (
        environ["REQUEST_METHOD"] == "OPTIONS"
        and "HTTP_ORIGIN" in environ
        and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
    )
