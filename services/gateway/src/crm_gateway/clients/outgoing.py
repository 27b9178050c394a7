"""Calling addresses that people set: never one inside the house.

The name is resolved here, every address it has must be one of the public internet, and the
connection goes to the address that was looked at: a name that changes its mind is not asked again.
Redirects are not followed. `CRM_OUTGOING_ALLOWED` opens networks of one's own, also without TLS.
"""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import SplitResult, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_PATIENCE_SECONDS, _WHOLE_SECONDS, _MOST_ADDRESSES = 10.0, 20.0, 3
_LONGEST_ANSWER = 500
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_ONLY_TLS = "only https:// leaves the house"
_PORTS = {"http": 80, "https": 443}


class Forbidden(Exception):
    """The address is not one to call; says why."""


class Unanswered(Exception):
    """Nothing, or nothing in time, came back; says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the beginning of the body, and what the receiver asks to wait."""

    status: int
    text: str
    retry_after: float | None
    took_ms: int


class Outgoing:
    """Calls out; safe to share between threads."""

    def __init__(
        self, allowed: Sequence[str] = (), *, patience: float = _PATIENCE_SECONDS,
        whole: float = _WHOLE_SECONDS,
    ) -> None:  # fmt: skip
        """`allowed`: networks besides the public internet, like `10.1.0.0/16`.

        Seconds: `patience` for each step, `whole` for an answer once there is a connection.
        """
        self._patience, self._whole = patience, whole
        self._allowed = [ipaddress.ip_network(each) for each in allowed]
        self._tls = ssl.create_default_context()

    def check(self, url: str) -> None:
        """Raise Forbidden when the url can be told to be wrong without asking anybody."""
        parts = self._split(url)
        try:
            literal = ipaddress.ip_address(parts.hostname or "")
        except ValueError:
            return
        self._check_address(literal, parts.scheme)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a POST. Raises Forbidden, Unanswered."""
        began = time.monotonic()
        status, told, text = self._asked("POST", url, body, headers, longest=_LONGEST_ANSWER)
        took = int((time.monotonic() - began) * 1000)
        return Answer(status, _readable(text), _seconds(told), took)

    def fetch(
        self, method: str, url: str, *, longest: int, body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:  # fmt: skip
        """Return status and whole body. Raises Forbidden, Unanswered, also when it is too long."""
        status, _, text = self._asked(method, url, body, headers or {}, longest=longest + 1)
        if len(text) > longest:
            raise Unanswered(f"more than {longest} bytes")
        return status, text

    def _asked(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], *, longest: int
    ) -> tuple[int, Mapping[str, str], bytes]:
        parts = self._split(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection = self._connected(parts, self._resolved(parts))
            with _held(connection, self._whole):
                connection.request(
                    method, target, body=body, headers={**headers, "Host": parts.netloc},
                    preload_content=False,
                )  # fmt: skip
                reply = connection.getresponse()
                return reply.status, reply.headers, reply.read(longest, decode_content=False)
        except (OSError, HTTPException, urllib3.exceptions.HTTPError) as error:
            raise Unanswered(f"{type(error).__name__}: {error}"[:300]) from error

    def _split(self, url: str) -> SplitResult:
        parts = _split(url)
        if parts.scheme != "https" and not self._allowed:
            raise Forbidden(_ONLY_TLS)
        return parts

    def _resolved(self, parts: SplitResult) -> list[str]:
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise Unanswered(f"no address for {host}") from error
        addresses = [ipaddress.ip_address(each[4][0]) for each in found]
        for address in addresses:
            self._check_address(address, parts.scheme)
        return [*dict.fromkeys(map(str, addresses))]

    def _check_address(self, address: Address, scheme: str) -> None:
        if any(address in network for network in self._allowed):
            return
        if scheme != "https":
            raise Forbidden(_ONLY_TLS)
        if not all(_is_public(each) for each in _meant(address)):
            raise Forbidden(f"{address} is not an address of the public internet")

    def _connected(self, parts: SplitResult, addresses: Sequence[str]) -> HTTPConnection:
        """Return a connection to the first address that takes it. Raises what the last one met."""
        *others, last = addresses[:_MOST_ADDRESSES]
        for address in others:
            connection = self._connection(parts, address)
            try:
                connection.connect()
            except (OSError, urllib3.exceptions.HTTPError):
                connection.close()
            else:
                return connection
        connection = self._connection(parts, last)
        connection.connect()
        return connection

    def _connection(self, parts: SplitResult, address: str) -> HTTPConnection:
        port = parts.port or _PORTS[parts.scheme]
        if parts.scheme == "http":
            return HTTPConnection(address, port, timeout=self._patience)
        return HTTPSConnection(
            address, port, timeout=self._patience, ssl_context=self._tls,
            server_hostname=parts.hostname, assert_hostname=parts.hostname,
        )  # fmt: skip


@contextmanager
def _held(connection: HTTPConnection, seconds: float) -> Iterator[None]:
    """Hold a connection so long at most: whoever answers a byte at a time is hung up on."""
    held: Any = connection.sock
    timer = threading.Timer(seconds, _hang_up, (held,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        connection.close()


def _hang_up(held: socket.socket) -> None:
    with suppress(OSError):
        held.shutdown(socket.SHUT_RDWR)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises where it is none
    except ValueError as error:
        raise Forbidden("not a web address") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise Forbidden("not a web address (https://…)")
    if not url.isascii() or any(each <= " " for each in url):
        raise Forbidden("only ASCII without spaces: names as xn--…, the rest as %…")
    if parts.username or parts.password:
        raise Forbidden("no name or password in the address")
    return parts


def _meant(address: Address) -> list[Address]:
    """Return an address and those it carries inside: mapped, 6to4, Teredo, NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    inside = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        inside.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    found: list[Address] = [each for each in inside if each is not None]
    return found or [address]


def _is_public(address: Address) -> bool:
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )


def _readable(answer: bytes) -> str:
    return answer.decode("utf-8", "replace").replace("\0", "")


def _seconds(headers: Mapping[str, str]) -> float | None:
    given = headers.get("Retry-After", "").strip()
    return float(given) if given.isascii() and given.isdigit() and len(given) < 10 else None
