"""The operators' side: asking the roles' ops ports."""

import getpass
import time
from collections.abc import Callable
from typing import Any

import httpx

from crm_client.errors import Failed, NotReachable, Refused
from crm_client.settings import Operations

Reached = Callable[[str, int, int], None]
_RUNNING_ALREADY = 409
_BETWEEN_LOOKS_SECONDS = 0.2


def operator() -> str:
    """Return who works at this machine: what the services' audit keeps."""
    try:
        return f"operator:{getpass.getuser()}"
    except (OSError, KeyError):  # a container's user without a name
        return "operator:unknown"


class Ops:
    """Asks the ops ports of the services."""

    def __init__(self, settings: Operations, *, timeout_seconds: float = 900) -> None:
        """`timeout_seconds` bounds one question: a rebuild of a large view takes minutes."""
        self.settings = settings
        self._http = httpx.Client(
            headers={
                "Authorization": f"Bearer {settings.token}",
                "X-CRM-Operator": settings.operator or operator(),
            },
            timeout=httpx.Timeout(timeout_seconds, connect=5),
            trust_env=False,
        )

    @property
    def services(self) -> list[str]:
        """The services that can be asked."""
        return self.settings.services

    def get(self, service: str, path: str, **params: Any) -> Any:
        """Return what a service answers."""
        return self._ask("GET", service, path, params=params)

    def status(self, service: str) -> dict[str, Any]:
        """Return what waits in a service; one that hangs is not waited for."""
        return dict(self._ask("GET", service, "/internal/status", timeout=5))

    def readiness(self, role: str) -> dict[str, Any]:
        """Return {"ready", "checks"} of a role; one that does not answer is not ready."""
        try:
            response = self._http.get(f"{self.settings.peers[role]}/readyz", timeout=5)
            return dict(response.json())
        except (httpx.TransportError, ValueError) as error:
            return {"ready": False, "checks": {"ops port": f"does not answer: {error}"}}

    def post(self, service: str, path: str, body: Any = None) -> Any:
        """Have a service do something, and return what it says."""
        return self._ask("POST", service, path, json=body)

    def follow(self, role: str, path: str, *, reached: Reached) -> dict[str, Any]:
        """Start long work and return its result; `reached(what, done, total)` is called meanwhile.

        Work that runs already is followed. Raises Failed.
        """
        self.begin(role, path)
        while True:
            found = self._ask("GET", role, path)
            reached(str(found["what"]), int(found["done"]), int(found["total"]))
            if found["state"] == "failed":
                raise Failed(f"{role}: {found['fault']}")
            if found["state"] == "done":
                return dict(found["result"])
            time.sleep(_BETWEEN_LOOKS_SECONDS)

    def begin(self, role: str, path: str) -> dict[str, Any]:
        """Start long work, unless it runs already, and return how far it is."""
        try:
            return dict(self._ask("POST", role, path, params={"background": "true"}))
        except Refused as error:
            if error.status != _RUNNING_ALREADY:
                raise
        return dict(self._ask("GET", role, path))

    def work(self, service: str, path: str, *, method: str = "POST") -> Any:
        """Have a service's work role do something."""
        role = f"{service}.work" if f"{service}.work" in self.settings.peers else service
        return self._ask(method, role, path)

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def _ask(self, method: str, role: str, path: str, **options: Any) -> Any:
        address = self.settings.peers.get(role)
        if address is None:
            raise NotReachable(f"{role} has no address in CRM_OPS_PEERS")
        try:
            response = self._http.request(method, f"{address}{path}", **options)
        except httpx.TransportError as error:
            raise NotReachable(f"{role} does not answer at {address}: {error}") from error
        if not response.is_success:
            raise Refused(response)
        return response.json()
