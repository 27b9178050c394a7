"""One service's connections: kept alive, looked at before use, each wait with an end.

http.client's responses on sockets of our own. The usual clients spend more on a call's headers and
pools than the call takes (docs/performance-notes.md).
"""

import select
import socket
import ssl
from collections import deque
from collections.abc import Iterator, Mapping
from http.client import HTTPMessage, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

_LONGEST_LINE, _MOST_HEADERS = 65_536, 100
_NO_BODY = frozenset({204, 304})


class Faulty(OSError):
    """What came is no answer, or the connection ended before there was one."""


class Answer(HTTPResponse):
    """A service's answer; its head is read, its body is not."""

    headers: HTTPMessage

    def read_head(self) -> None:
        """Read as `http.client` begins, but without a parser for e-mail. Raises Faulty."""
        version, self.code, self.status, self.reason = "", 100, 100, ""
        while self.code in {100, 102, 103}:
            version, self.code, self.headers = self._head()
        self.status, self.msg = self.code, self.headers
        self.version = 10 if version == "HTTP/1.0" else 11
        self.chunked = self.headers.get("transfer-encoding", "").lower() == "chunked"
        self.chunk_left = None
        self.length = self._length()
        closes = self.headers.get("connection", "").lower() == "close" or self.version == 10
        self.will_close = closes or (self.length is None and not self.chunked)

    def _head(self) -> tuple[str, int, HTTPMessage]:
        version, _, rest = self._line().partition(" ")
        if not version.startswith("HTTP/1.") or not rest[:3].isdigit():
            raise Faulty(f"no status line: {version[:40]!r}")
        headers = HTTPMessage()
        for _ in range(_MOST_HEADERS):
            name, colon, value = self._line().partition(":")
            if not colon:
                return version, int(rest[:3]), headers
            headers.set_raw(name, value.strip())
        raise Faulty("too many headers")

    def _line(self) -> str:
        line = self.fp.readline(_LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise Faulty("closed before the end of the head")
        return line[:-1].rstrip(b"\r").decode("latin-1")

    def _length(self) -> int | None:
        if self.status in _NO_BODY or self._method == "HEAD":  # type: ignore[attr-defined]
            return 0
        given = self.headers.get("content-length", "")
        return int(given) if given.isdigit() and not self.chunked else None


class Wire:
    """Connections to one base URL. Use from any thread."""

    def __init__(self, base: str, *, idle: int) -> None:
        """Keep up to `idle` connections open while nobody uses them."""
        parts = urlsplit(base)
        self._host, self._path = parts.hostname or "", parts.path.rstrip("/")
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._port = parts.port or (443 if self._tls else 80)
        self._named = parts.netloc
        self._idle: deque[socket.socket] = deque(maxlen=idle)

    def ask(
        self, method: str, target: str, *, headers: Mapping[str, str], body: bytes | None,
        connect_seconds: float, seconds: float,
    ) -> tuple[Answer, socket.socket]:  # fmt: skip
        """Send a request and return the answer's head, with its connection: give that back.

        No wait for the other side is longer than `seconds`. Raises OSError, TimeoutError among it.
        """
        connection = self._kept() or self._connect(connect_seconds)
        try:
            connection.settimeout(seconds)
            connection.sendall(self._request(method, target, headers, body))
            answer = Answer(connection, method=method)
            answer.read_head()
        except BaseException:
            connection.close()
            raise
        return answer, connection

    def give_back(self, connection: socket.socket, answer: Answer) -> None:
        """Keep a connection for the next call if the answer was read to its end."""
        is_whole = answer.isclosed() or answer.length == 0
        answer.close()
        if answer.will_close or not is_whole or len(self._idle) == self._idle.maxlen:
            connection.close()
        else:
            self._idle.append(connection)

    def stream(self, connection: socket.socket, answer: Answer, *, chunk: int) -> Iterator[bytes]:
        """Yield the body as it comes, then give the connection back."""
        try:
            while part := answer.read1(chunk):
                yield part
        finally:
            self.give_back(connection, answer)

    def _request(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> bytes:
        lines = [f"{method} {self._path}{target} HTTP/1.1", f"Host: {self._named}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body is not None or method in {"POST", "PUT", "PATCH"}:
            lines.append(f"Content-Length: {len(body or b'')}")
        head = "\r\n".join(lines)
        if head.count("\n") != len(lines) - 1:
            raise Faulty("a line break in a header")
        return f"{head}\r\n\r\n".encode("latin-1") + (body or b"")

    def _kept(self) -> socket.socket | None:
        """Return a connection that is still open; a service closes what rests too long."""
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # another thread was faster
                return None
            if not _says_something(connection):
                return connection
            connection.close()
        return None

    def _connect(self, seconds: float) -> socket.socket:
        try:
            made: Any = socket.create_connection((self._host, self._port), timeout=seconds)
        except TimeoutError as error:
            raise Faulty("no connection in time") from error
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._tls.wrap_socket(made, server_hostname=self._host) if self._tls else made


def _says_something(connection: socket.socket) -> bool:
    """Say whether an idle connection has an end, or a word nobody asked for, to be read."""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))
