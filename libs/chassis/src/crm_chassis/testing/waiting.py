"""Waiting for something to become true, and a port to wait at."""

import socket
import time
import uuid
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(predicate: Callable[[], T], timeout: float = 10, what: str = "") -> T:
    """Return the first truthy answer; raises TimeoutError naming `what`. The only way to wait."""
    deadline = time.perf_counter() + timeout
    while True:
        answer = predicate()
        if answer:
            return answer
        if time.perf_counter() > deadline:
            named = what or getattr(predicate, "__name__", "it")
            raise TimeoutError(f"waited {timeout} s for {named}; last answer: {answer!r}")
        time.sleep(0.02)


def free_port() -> int:
    """Return a port nobody listens on, below those the kernel hands out by itself."""
    lowest, span = 24000, 8000
    start = uuid.uuid4().int % span
    for step in range(span):
        port = lowest + (start + step) % span
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise RuntimeError("no free port")
