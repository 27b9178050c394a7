"""The public listener bears with who asks too much of it, and others notice nothing."""

import socket
import time
from urllib.parse import urlsplit

import pytest
from tests.running import Platform

pytestmark = pytest.mark.flow


def answer_to(platform: Platform, sent: bytes, *, wait: float = 10) -> bytes:
    """Return the first line that comes back, nothing when the connection is just closed."""
    parts = urlsplit(platform.url)
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=wait) as line:
        try:
            line.sendall(sent)
            return line.recv(4096).partition(b"\r\n")[0]
        except ConnectionError:
            return b""


class TestHeaders:
    def test_of_a_megabyte_are_refused(self, platform: Platform) -> None:
        request = b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 1024 * 1024 + b"\r\n\r\n"
        assert answer_to(platform, request) in {
            b"", b"HTTP/1.1 431 Request Header Fields Too Large"
        }  # fmt: skip

    def test_of_usual_size_are_read(self, platform: Platform) -> None:
        request = b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 16 * 1024 + b"\r\n\r\n"
        assert answer_to(platform, request) == b"HTTP/1.1 200 OK"

    def test_that_never_end_are_hung_up_on(self, platform: Platform) -> None:
        began = time.monotonic()
        answer = answer_to(platform, b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: ", wait=40)
        assert not answer.startswith(b"HTTP/1.1 200")
        assert time.monotonic() - began < 40


def test_many_silent_connections_stop_nobody(platform: Platform) -> None:
    parts = urlsplit(platform.url)
    where = (parts.hostname or "", parts.port or 80)
    silent = [socket.create_connection(where) for _ in range(300)]
    try:
        for each in silent[:150]:
            each.sendall(b"GET /livez HTTP/1.1\r\n")
        began = time.monotonic()
        assert answer_to(platform, b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n") == b"HTTP/1.1 200 OK"
        assert time.monotonic() - began < 5
    finally:
        for each in silent:
            each.close()
