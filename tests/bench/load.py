"""A load generator: requests made beforehand, sent over kept-alive connections from a process of its own."""

import json
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles
from urllib.parse import urlsplit

from tests.running import ROOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one burst measured: answers per second, milliseconds, answers by status."""

    rate: float
    p50: float
    p99: float
    statuses: dict[str, int]


def request(method: str, url: str, *, token: str = "", body: bytes = b"", **headers: str) -> bytes:
    """Return a request's bytes."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += [f"Authorization: Bearer {token}"] if token else []
    lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"] if body else []
    return "\r\n".join([*lines, "", ""]).encode() + body


def burst(
    address: str,
    requests: Sequence[bytes],
    *,
    seconds: float,
    connections: int = 8,
    rate: float = 0,
) -> Load:
    """Send the requests in turn for so long, from another process; `rate` 0: as fast as answered."""
    order = {
        "address": address, "seconds": seconds, "connections": connections, "rate": rate,
        "requests": [each.decode("latin-1") for each in requests],
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load"], input=json.dumps(order), text=True,
        capture_output=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Load(**json.loads(done.stdout))


class _Connection:
    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at, self.buffer = 0.0, b""

    def send(self, data: bytes) -> None:
        self.buffer, self.sent_at = b"", time.perf_counter()
        self.socket.sendall(data)

    def receive(self) -> str | None:
        """Return the status once the answer is whole."""
        data = self.socket.recv(262_144)
        if not data:
            raise ConnectionError("closed by the server")
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return None
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0].strip()
        whole = len(body) >= int(length) if length else body.endswith(b"0\r\n\r\n")
        return head[9:12].decode() if whole else None


def run(order: dict[str, object]) -> Load:
    """Send and count in this process."""
    host, _, port = str(order["address"]).partition(":")
    requests = [str(each).encode("latin-1") for each in order["requests"]]  # type: ignore[attr-defined]
    seconds, pause = float(str(order["seconds"])), float(str(order["rate"]))
    selector, statuses, times = selectors.DefaultSelector(), Counter[str](), list[float]()
    idle = [_Connection(host, int(port)) for _ in range(int(str(order["connections"])))]
    for each in idle:
        selector.register(each.socket, selectors.EVENT_READ, each)
    started, turn = time.perf_counter(), 0
    while (now := time.perf_counter()) < started + seconds or len(idle) < selector_size(selector):
        may_send = now < started + seconds
        while idle and may_send and (not pause or turn < (now - started) * pause):
            idle.pop().send(requests[turn % len(requests)])
            turn += 1
        for key, _ in selector.select(0.001 if pause else 0.5):
            status = key.data.receive()
            if status:
                times.append((time.perf_counter() - key.data.sent_at) * 1000)
                statuses[status] += 1
                idle.append(key.data)
    cuts = quantiles(times, n=100)
    return Load(rate=len(times) / seconds, p50=cuts[49], p99=cuts[98], statuses=dict(statuses))


def selector_size(selector: selectors.BaseSelector) -> int:
    """Return how many connections there are."""
    return len(selector.get_map())


if __name__ == "__main__":
    from dataclasses import asdict

    print(json.dumps(asdict(run(json.load(sys.stdin)))))
