"""A client of the platform as an application's: one deadline, repeats with the same key, a history."""

import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import urllib3
from tests.chaos.history import FAILED, OK, UNKNOWN, Call, History, now, outcome_of, problem

READ_DEADLINE, WRITE_DEADLINE = 15.0, 65.0
_NOT_SETTLED = {"request-in-progress"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; status 0: nothing did."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)  # names in any case

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300


class Gone(Exception):
    """The run ended, or the record is not to be had."""


class Client:
    """Asks the gateway; may be shared between threads."""

    def __init__(self, url: str, email: str, password: str, history: History) -> None:
        self._url, self._sign_in, self._history = url, (email, password), history
        self._pool = urllib3.PoolManager(num_pools=2, maxsize=24, retries=False)
        self._token = ""
        self._token_lock = threading.Lock()
        self.ending = threading.Event()

    def close(self) -> None:
        self._pool.clear()

    def once(
        self, method: str, path: str, body: Any = None, *, key: str | None = None,
        version: int | None = None, mark: str | None = None,
    ) -> Answer:  # fmt: skip
        """Ask once, and note what came of it."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        deadline = READ_DEADLINE if method == "GET" else WRITE_DEADLINE
        began = now()
        answer = self._asked(method, path, body, headers, deadline)
        outcome, slug = outcome_of(answer.status), problem(answer.body)
        if slug in _NOT_SETTLED or answer.status in {0, 401}:
            outcome = UNKNOWN
        elif answer.status == 409:
            outcome = FAILED
        self._history.add(
            Call(
                method=method, path=path, key=key, mark=mark, began=began, seconds=now() - began,
                status=answer.status, outcome=outcome, slug=slug, deadline=deadline,
                version=answer.headers.get("X-CRM-Version"),
                retry_after="Retry-After" in answer.headers,
            )
        )  # fmt: skip
        if answer.status == 401:
            self._renew()
        return Answer(answer.status if outcome != UNKNOWN else 0, answer.body, answer.headers)

    def do(
        self, method: str, path: str, body: Any = None, *, version: int | None = None,
        mark: str | None = None, key: str | None = None,
    ) -> Answer:  # fmt: skip
        """Repeat a write with one key until its outcome is known. Raises Gone at the run's end."""
        key = key or str(uuid.uuid4())
        wait = 0.05
        while True:
            answer = self.once(method, path, body, key=key, version=version, mark=mark)
            if answer.status:
                return answer
            if self.ending.wait(wait):
                raise Gone
            wait = min(wait * 2, 1.0)

    def made(self, path: str, body: Any, *, mark: str | None = None) -> dict[str, Any]:
        """Create, and return what was created. Raises Gone."""
        return self._body(self.do("POST", path, body, mark=mark))

    def moved(self, path: str, record: dict[str, Any], body: Any = None) -> dict[str, Any]:
        """Move a record on from the version we know; return it as it then was. Raises Gone."""
        return self._body(self.do("PUT", path, body, version=record["version"]))

    def _body(self, answer: Answer) -> dict[str, Any]:
        if not answer.is_ok:
            raise Gone(f"{answer.status} {answer.body}")
        return dict(answer.body)

    def _asked(
        self, method: str, path: str, body: Any, headers: dict[str, str], deadline: float
    ) -> Answer:
        data = None if body is None else json.dumps(body)
        limits = urllib3.Timeout(connect=3, read=deadline + 5)
        try:
            reply = self._pool.request(
                method, self._url + path, body=data, headers=headers, timeout=limits
            )
            found = json.loads(reply.data) if reply.data else None
        except (urllib3.exceptions.HTTPError, ValueError):
            return Answer(0)
        return Answer(reply.status, found, reply.headers)

    def _renew(self) -> None:
        with self._token_lock:
            email, password = self._sign_in
            body = {"email": email, "password": password}
            answer = self._asked(
                "POST", "/v1/auth/token", body, {"Content-Type": "application/json"}, 15
            )
            if answer.is_ok:
                self._token = answer.body["access_token"]

    def sign_in(self) -> None:
        """Get a token, however often it takes."""
        while not self._token and not self.ending.is_set():
            self._renew()
            if not self._token:
                time.sleep(0.2)


def until(condition: Callable[[], bool], event: threading.Event, *, every: float = 0.1) -> bool:
    """Look until it is so or the event ends it; return whether it is so."""
    while not condition():
        if event.wait(every):
            return condition()
    return True


__all__ = ["OK", "Answer", "Client", "Gone", "until"]
