"""What can go wrong between a caller and the platform."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx


class ClientError(Exception):
    """The platform did not do what was asked."""


class NotReachable(ClientError):
    """Nothing answers at the address."""


class SettingMissing(ClientError):
    """Address or sign-in are nowhere to be found."""


class Failed(ClientError):
    """Long work was begun and did not come to its end."""


class Refused(ClientError):
    """The platform refused, and said why."""

    def __init__(self, response: httpx.Response) -> None:
        """Keep the problem document of an answer."""
        self.status = response.status_code
        self.problem = problem_of(response)
        self.retry_after_seconds = waited_for(response)
        super().__init__(f"{self.status}: {'; '.join(reasons(self.problem))}")

    @property
    def slug(self) -> str:
        """The refusal's name: what a program may decide on."""
        return slug(self.problem)

    @property
    def fields(self) -> dict[str, list[str]]:
        """What is wrong with which field."""
        return {name: list(map(str, told)) for name, told in self.problem.get("errors", {}).items()}

    @property
    def request_id(self) -> str | None:
        """What operators find the request by."""
        return self.problem.get("request_id")


class SignInNeeded(Refused):
    """Nobody is signed in, or no longer (401)."""


class NotAllowed(Refused):
    """Who asks may not (403)."""


class NotFound(Refused):
    """There is no such thing, or it is not shown to who asks (404)."""


class Conflict(Refused):
    """It does not go with how things are (409)."""


class Stale(Refused):
    """Somebody else was faster; `current_version` is the one there is now (412)."""

    @property
    def current_version(self) -> int | None:
        """The record's version, if the refusal told it."""
        found = self.problem.get("current_version")
        return int(found) if found is not None else None


class Invalid(Refused):
    """Something that was sent cannot be; `fields` say what (400, 422)."""


class VersionNeeded(Refused):
    """A change has to name the version it is of (428)."""


class TooMany(Refused):
    """Too much was asked; `retry_after_seconds` says when to go on (429)."""


class Unavailable(Refused):
    """A part of the platform is away or slow (502, 503, 504)."""


_BY_STATUS: dict[int, type[Refused]] = {
    400: Invalid, 401: SignInNeeded, 403: NotAllowed, 404: NotFound, 409: Conflict, 412: Stale,
    422: Invalid, 428: VersionNeeded, 429: TooMany, 502: Unavailable, 503: Unavailable,
    504: Unavailable,
}  # fmt: skip


def refusal(response: httpx.Response) -> Refused:
    """Return the error that an answer means."""
    return _BY_STATUS.get(response.status_code, Refused)(response)


def waited_for(response: httpx.Response) -> float | None:
    """Return the seconds an answer asks to wait, be they told as such or as a date."""
    asked = response.headers.get("Retry-After", "")
    if asked.isdigit():
        return float(asked)
    try:
        at = parsedate_to_datetime(asked)
    except ValueError:
        return None
    if at.tzinfo is None:
        return None
    return max((at - datetime.now(UTC)).total_seconds(), 0.0)


def problem_of(response: httpx.Response) -> dict[str, Any]:
    """Return the problem document of an answer, or one made of its text."""
    try:
        found = response.json()
    except ValueError:
        found = None
    if isinstance(found, dict):
        return found
    return {"title": response.text[:200] or response.reason_phrase, "status": response.status_code}


def slug(problem: dict[str, Any]) -> str:
    """Return the refusal's name: what a program may decide on."""
    return str(problem.get("type", "")).rstrip("/").rpartition("/")[2]


def reasons(problem: dict[str, Any]) -> list[str]:
    """Return what a person can act on: the fields' faults, else detail or title."""
    fields = problem.get("errors") or {}
    found = [f"{name}: {' '.join(map(str, told))}" for name, told in fields.items()]
    return found or [str(problem.get("detail") or problem.get("title") or "refused")]
