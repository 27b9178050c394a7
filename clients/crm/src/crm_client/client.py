"""The platform's HTTP API from Python: retries, idempotency keys, pages as iterators."""

import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from json import dumps
from pathlib import Path
from typing import IO, Any, Self

import httpx

from crm_client.errors import NotReachable, problem_of, refusal, slug, waited_for

LARGEST_BATCH = 500
LARGEST_PAGE = 200
_TRIES = 6
_ENDED = frozenset({"done", "failed"})
_BETWEEN_LOOKS_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 10.0
_BUSY = frozenset({429, 503})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Client:
    """One caller of one platform; may be shared between threads.

    With `email` and `password` it signs in at the first call, and again when the token has expired.
    """

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        email: str | None = None,
        password: str | None = None,
        source: str | None = None,
        timeout_seconds: float = 60,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """`source` (ui, api, import) is written into the history of what is changed."""
        self.url = url.rstrip("/")
        self._token, self._sign_in = token, (email, password) if email and password else None
        self._source = source
        self._http = httpx.Client(
            base_url=self.url,
            timeout=httpx.Timeout(timeout_seconds, connect=5),
            transport=transport,
            trust_env=httpx.URL(self.url).host not in _LOOPBACK,
        )

    def get(self, path: str, **params: Any) -> Any:
        """Return one resource or page."""
        return self.request("GET", path, params=params).json()

    def post(self, path: str, body: Any, *, key: str | None = None) -> Any:
        """Create, and return what was created; repeating it with the same `key` does it once."""
        return self.request("POST", path, json=body, key=key).json()

    def put(self, path: str, body: Any = None, *, version: int | None = None) -> Any:
        """Do a transition, and return the record after it."""
        return self.request("PUT", path, json=body, version=version).json()

    def patch(self, path: str, changes: Any, *, version: int) -> Any:
        """Change the fields named of a known version."""
        return self.request("PATCH", path, json=changes, version=version).json()

    def delete(self, path: str, *, version: int) -> Any:
        """Archive a known version."""
        return self.request("DELETE", path, version=version).json()

    def pages(self, path: str, **params: Any) -> Iterator[dict[str, Any]]:
        """Yield every record of a list, a page at a time."""
        cursor: str | None = None
        while True:
            wanted = {"limit": LARGEST_PAGE, **params, **({"cursor": cursor} if cursor else {})}
            page = self.get(path, **wanted)
            yield from page["items"]
            cursor = page.get("next")
            if not cursor:
                return

    def batch(
        self, path: str, operations: Sequence[Mapping[str, Any]], *, key: str | None = None
    ) -> tuple[list[dict[str, Any]], bool]:
        """Return what became of up to 500 operations, and whether it is an answer given before."""
        response = self.request(
            "POST", f"{path}/batch", json={"operations": list(operations)}, key=key
        )
        return response.json()["items"], "Idempotency-Replayed" in response.headers

    def upload(
        self, path: str, file: IO[bytes], *, name: str, settings: Mapping[str, Any]
    ) -> httpx.Response:
        """Send a file in a form with settings in JSON, once however often it is tried."""
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        form = {"settings": dumps(dict(settings))}
        files = {"file": (name, file, "application/octet-stream")}
        return self._settled(
            self._http.build_request("POST", path, data=form, files=files, headers=headers)
        )

    def download(self, path: str, into: Path) -> None:
        """Write what a path answers to a file, a piece at a time. Raises Refused, NotReachable."""
        headers = {"Authorization": f"Bearer {self.token()}"}
        try:
            with self._http.stream("GET", path, headers=headers) as response:
                if not response.is_success:
                    response.read()
                    raise refusal(response)
                with into.open("wb") as file:
                    file.writelines(response.iter_bytes())
        except httpx.TransportError as error:
            raise NotReachable(f"{self.url} does not answer: {error}") from error

    def follow(self, path: str, reached: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """Return a job when it has ended, telling how far it is meanwhile."""
        while True:
            job = dict(self.get(path))
            reached(job)
            if job["status"] in _ENDED:
                return job
            time.sleep(_BETWEEN_LOOKS_SECONDS)

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        key: str | None = None,
        version: int | None = None,
    ) -> httpx.Response:
        """Call until it is settled. Raises Refused, NotReachable.

        Every write carries an idempotency key, so that all calls may be repeated safely.
        """
        headers = {"X-CRM-Source": self._source} if self._source else {}
        if method != "GET":
            headers["Idempotency-Key"] = key or str(uuid.uuid4())
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        given = {name: value for name, value in (params or {}).items() if value is not None}
        request = self._http.build_request(method, path, json=json, params=given, headers=headers)
        return self._settled(request)

    def _settled(self, request: httpx.Request) -> httpx.Response:
        signed_in_again = False
        for attempt in range(1, _TRIES + 1):
            request.headers["Authorization"] = f"Bearer {self.token()}"
            response = self._sent(request, last=attempt == _TRIES)
            if response is not None and response.is_success:
                return response
            if response is not None and response.status_code == 401 and not signed_in_again:
                signed_in_again = self._forget_token()
                if signed_in_again:
                    continue
            if response is not None and (attempt == _TRIES or not _is_busy(response)):
                raise refusal(response)
            time.sleep(_pause(response, attempt))
        raise NotReachable(self.url)

    def token(self) -> str:
        """Return the bearer token, signing in first when there is none."""
        if self._token is None and self._sign_in is not None:
            email, password = self._sign_in
            body = {"email": email, "password": password}
            request = self._http.build_request("POST", "/v1/auth/token", json=body)
            response = self._sent(request, last=True)
            if response is None or not response.is_success:
                raise refusal(response) if response is not None else NotReachable(self.url)
            self._token = str(response.json()["access_token"])
        return self._token or ""

    def _forget_token(self) -> bool:
        if self._sign_in is None:
            return False
        self._token = None
        return True

    def _sent(self, request: httpx.Request, *, last: bool) -> httpx.Response | None:
        try:
            return self._http.send(request)
        except httpx.TransportError as error:
            if last:
                raise NotReachable(f"{self.url} does not answer: {error}") from error
            return None

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def __enter__(self) -> Self:
        """Close at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()


def _is_busy(response: httpx.Response) -> bool:
    if response.status_code == 409:
        return slug(problem_of(response)) == "request-in-progress"
    return response.status_code in _BUSY


def _pause(response: httpx.Response | None, attempt: int) -> float:
    """Return how long to wait: what the answer asks for, else ever longer, never in step."""
    asked = waited_for(response) if response is not None else None
    least = asked if asked is not None else 0.1 * 2.0**attempt
    return min(least, _LONGEST_PAUSE_SECONDS) * random.uniform(1, 1.3)  # noqa: S311 - jitter only
