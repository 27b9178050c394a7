"""What can go wrong between a caller and the platform."""

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
        super().__init__(f"{self.status}: {'; '.join(reasons(self.problem))}")


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
