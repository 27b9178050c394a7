"""A service that is out of order, as a process: it counts who comes, and answers 500, or nothing."""

import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.running import ROOT

_FAILED = b"HTTP/1.1 500 Broken\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nbroken"
_COUNT = b"count\n"


class Broken:
    """What a test knows of the process."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._process = process

    def taken(self) -> int:
        """Return how many requests have come since it was asked last."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(_COUNT)
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def broken(how: str) -> Iterator[Broken]:
    """Run one that `fails` (500), or `hangs` (takes requests and says nothing)."""
    words = [sys.executable, "-m", "tests.bench.broken", how]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            yield Broken(int(process.stdout.readline()), process)
        finally:
            process.kill()


class _Service:
    def __init__(self, how: str) -> None:
        self.how, self.count = how, 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)

    def serve(self) -> None:
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while asked := connection.recv(65_536):
                self.count += asked.count(b" HTTP/1.1\r\n")
                if self.how == "fails":
                    connection.sendall(_FAILED)


def main(how: str) -> None:
    """Serve until killed; tell the port, then how many came whenever asked."""
    service = _Service(how)
    threading.Thread(target=service.serve, daemon=True).start()
    print(service.listener.getsockname()[1], flush=True)
    for _ in sys.stdin:
        came, service.count = service.count, 0
        print(came, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
