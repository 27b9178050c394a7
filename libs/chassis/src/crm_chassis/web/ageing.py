"""Operations that will be no more: said on each of their answers, and in the OpenAPI document."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any, TypeVar

from flask import Response, current_app, request

V = TypeVar("V", bound=Callable[..., Any])


def deprecated(*, since: date, until: date, instead: str | None = None) -> Callable[[V], V]:
    """Decorate a view, below its route, that is not to be used since then and ends at another day.

    Answers carry `Deprecation` (RFC 9745), `Sunset` (RFC 8594), and `Link` to what comes `instead`.
    """
    told = {"Deprecation": f"@{int(_start(since).timestamp())}", "Sunset": _http(until)}
    if instead is not None:
        told["Link"] = f'<{instead}>; rel="successor-version"'

    def mark(view: V) -> V:
        view.crm_ageing = told  # type: ignore[attr-defined]
        return view

    return mark


def documented(view: Any) -> dict[str, Any]:
    """Return what the OpenAPI document says of a view that ages, nothing of others."""
    told = getattr(view, "crm_ageing", None)
    return {"deprecated": True, "x-sunset": told["Sunset"]} if told else {}


def tell(response: Response) -> Response:
    """Say on an answer that its operation ages."""
    view = current_app.view_functions.get(request.endpoint or "")
    response.headers.update(getattr(view, "crm_ageing", {}))
    return response


def _http(day: date) -> str:
    return format_datetime(_start(day), usegmt=True)


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
