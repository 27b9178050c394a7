"""Calling a service: a deadline on every wait, a breaker and a bulkhead of its own."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import RawIOBase
from typing import IO, Any

import pybreaker
import urllib3

from crm_chassis import logs, tracing
from crm_chassis.auth import Principal, Signer
from crm_gateway.model import ServiceAway, ServiceSlow

AT_ONCE = 16
# How long others wait for a place, and how long where nobody gives one back: a service that hangs
# must not take the threads of those who want another one.
_WAIT_FOR_PLACE_SECONDS, _STUCK_SECONDS = 1.0, 0.5
_CONNECT_SECONDS = 1.0
READ_SECONDS = {"GET": 10.0, "HEAD": 10.0}
WRITE_SECONDS = 60.0
_FAULTS_TO_OPEN, _OPEN_SECONDS = 5, 2.0
_STREAMED_FROM, _CHUNK = 1_000_000, 65_536
Body = bytes | IO[bytes] | RawIOBase | None  # a stream names its length in the headers
log = logs.get(__name__)


class NotReached(Exception):
    """The service did not take the request at all."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes | Iterator[bytes]


class _Peer:
    """One service's connections, places and breaker."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.places = threading.BoundedSemaphore(AT_ONCE)
        self.moved_at = time.monotonic()  # when a place was taken or given back last
        self.pool = urllib3.PoolManager(num_pools=1, maxsize=AT_ONCE, retries=False)
        self.breaker = pybreaker.CircuitBreaker(
            fail_max=_FAULTS_TO_OPEN, reset_timeout=_OPEN_SECONDS
        )


class Services:
    """The four services as the gateway sees them."""

    def __init__(self, services: Mapping[str, str], signer: Signer) -> None:
        """`services`: name to base URL of the public port."""
        self._peers = {name: _Peer(base) for name, base in services.items()}
        self._signer = signer

    @property
    def names(self) -> tuple[str, ...]:
        """Return the services' names."""
        return tuple(self._peers)

    def call(
        self, service: str, method: str, path: str, *, principal: Principal | None,
        body: Body = None, headers: Mapping[str, str] | None = None,
    ) -> Reply:  # fmt: skip
        """Return the service's answer, whatever its status. Raises ServiceAway, ServiceSlow.

        Only GET and HEAD are tried a second time, and only where the service was not reached.
        """
        peer = self._peers[service]
        sent = dict(headers or {})
        if principal is not None:
            sent["Authorization"] = f"Bearer {self._signer.token(service, principal)}"
        tries = 2 if method in READ_SECONDS else 1
        with _place(peer, service):
            for _ in range(tries):
                with suppress(NotReached):
                    return self._try(service, method, path, body=body, headers=sent)
        raise ServiceAway(service)

    def _try(
        self, service: str, method: str, path: str, *, body: Body, headers: dict[str, str]
    ) -> Reply:
        peer, seconds = self._peers[service], READ_SECONDS.get(method, WRITE_SECONDS)
        headers["X-CRM-Deadline-Ms"] = str(int(seconds * 1000))
        timeout = urllib3.Timeout(connect=_CONNECT_SECONDS, read=seconds)
        until = time.monotonic() + seconds
        try:
            with tracing.calling(service, method, headers), peer.breaker.calling():
                response = peer.pool.request(
                    method, peer.base + path, body=body, headers=headers, timeout=timeout,
                    preload_content=False, redirect=False,
                )  # fmt: skip
                return _reply(response, until)
        except pybreaker.CircuitBreakerError as error:
            raise ServiceAway(service) from error
        except urllib3.exceptions.ReadTimeoutError as error:
            raise ServiceSlow(service) from error
        except urllib3.exceptions.HTTPError as error:
            log.warning("service not reached", extra={"peer": service, "cause": repr(error)})
            raise NotReached(service) from error


@contextmanager
def _place(peer: _Peer, service: str) -> Iterator[None]:
    """Hold one of the service's places, so that a slow one cannot take every thread."""
    if not _placed(peer):
        raise ServiceAway(service, detail=f"{service} is busy; try again soon")
    peer.moved_at = time.monotonic()
    try:
        yield
    finally:
        peer.moved_at = time.monotonic()
        peer.places.release()


def _placed(peer: _Peer) -> bool:
    """Wait for a place while places are taken and given back; say whether there was one."""
    if peer.places.acquire(blocking=False):
        return True
    until = time.monotonic() + _WAIT_FOR_PLACE_SECONDS
    while (left := min(until, peer.moved_at + _STUCK_SECONDS) - time.monotonic()) > 0:
        if peer.places.acquire(timeout=left):
            return True
    return False


def _reply(response: Any, until: float) -> Reply:
    """Read what is short at once; a service that drips is slow, however often it drips."""
    length = int(response.headers.get("Content-Length") or 0)
    if length > _STREAMED_FROM or response.headers.get("Transfer-Encoding") == "chunked":
        return Reply(response.status, response.headers, response.stream(_CHUNK))
    parts = []
    while part := response.read1(_CHUNK):
        parts.append(part)
        if time.monotonic() > until:
            response.close()
            raise ServiceSlow
    response.release_conn()
    return Reply(response.status, response.headers, b"".join(parts))
