"""Calling a service: a deadline on every wait, a breaker and a bulkhead of its own."""

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage

import pybreaker

from crm_chassis import logs, tracing
from crm_chassis.auth import Principal, Signer
from crm_gateway.clients.wire import Answer, Faulty, Wire
from crm_gateway.model import ServiceAway, ServiceSlow

AT_ONCE = 16
_WAIT_FOR_PLACE_SECONDS = 1.0
_CONNECT_SECONDS = 1.0
READ_SECONDS = {"GET": 10.0, "HEAD": 10.0}
WRITE_SECONDS = 60.0
_FAULTS_TO_OPEN, _OPEN_SECONDS = 5, 2.0
_STREAMED_FROM, _CHUNK = 1_000_000, 65_536
log = logs.get(__name__)


class NotReached(Exception):
    """The service did not take the request at all."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service answered."""

    status: int
    headers: Mapping[str, str] | HTTPMessage
    body: bytes | Iterator[bytes]


class _Peer:
    """One service's connections, places and breaker."""

    def __init__(self, base: str) -> None:
        self.places = threading.BoundedSemaphore(AT_ONCE)
        self.wire = Wire(base, idle=AT_ONCE)
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
        body: bytes | None = None, headers: Mapping[str, str] | None = None,
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
        self, service: str, method: str, path: str, *, body: bytes | None, headers: dict[str, str]
    ) -> Reply:
        peer, seconds = self._peers[service], READ_SECONDS.get(method, WRITE_SECONDS)
        headers["X-CRM-Deadline-Ms"] = str(int(seconds * 1000))
        until = time.monotonic() + seconds
        try:
            with tracing.calling(service, method, headers), peer.breaker.calling():
                answer, connection = peer.wire.ask(
                    method, path, body=body, headers=headers, connect_seconds=_CONNECT_SECONDS,
                    seconds=seconds,
                )  # fmt: skip
                return _reply(peer.wire, answer, connection, until)
        except pybreaker.CircuitBreakerError as error:
            raise ServiceAway(service) from error
        except TimeoutError as error:
            raise ServiceSlow(service) from error
        except (OSError, HTTPException) as error:
            log.warning("service not reached", extra={"peer": service, "cause": repr(error)})
            raise NotReached(service) from error


@contextmanager
def _place(peer: _Peer, service: str) -> Iterator[None]:
    """Hold one of the service's places, so that a slow one cannot take every thread."""
    if not peer.places.acquire(timeout=_WAIT_FOR_PLACE_SECONDS):
        raise ServiceAway(service, detail=f"{service} is busy; try again soon")
    try:
        yield
    finally:
        peer.places.release()


def _reply(wire: Wire, answer: Answer, connection: socket.socket, until: float) -> Reply:
    """Read what is short at once; a service that drips is slow, however often it drips."""
    if (answer.length or 0) > _STREAMED_FROM:
        return Reply(answer.status, answer.headers, wire.stream(connection, answer, chunk=_CHUNK))
    parts = []
    try:
        while part := answer.read1(_CHUNK):
            parts.append(part)
            if time.monotonic() > until:
                raise ServiceSlow
        if answer.length:
            raise Faulty("the answer broke off")
    finally:
        wire.give_back(connection, answer)
    return Reply(answer.status, answer.headers, b"".join(parts))
