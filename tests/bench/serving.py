"""Servers under measurement: ours and their rivals, each a process tree whose CPU is read."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.running import ROOT

from crm_chassis.testing import free_port, wait_until

THREADS = 8
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """A listening server."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def cpu_seconds(self) -> float:
        """Return what the process and its descendants have used so far."""
        return sum(cpu_seconds(pid) for pid in family(self.process.pid))


@contextmanager
def serving(factory: str, server: str, env: Mapping[str, str]) -> Iterator[Server]:
    """Serve `module:factory` on gunicorn or granian, eight threads in one worker either way."""
    port = free_port()
    words = {
        "gunicorn": [
            "gunicorn", "--worker-class", "gthread", "--threads", str(THREADS), "--keep-alive", "75",
            "--no-control-socket", "--log-level", "warning", "--bind", f"127.0.0.1:{port}", f"{factory}()",
        ],
        "granian": [
            "granian", "--interface", "wsgi", "--factory", "--blocking-threads", str(THREADS),
            "--log-level", "warning", "--host", "127.0.0.1", "--port", str(port), factory,
        ],
    }[server]  # fmt: skip
    program = Path(sys.executable).with_name(words[0])
    with _started([str(program), *words[1:]], port, env) as started:
        yield started


@contextmanager
def serving_role(service: str, env: Mapping[str, str]) -> Iterator[Server]:
    """Serve as the platform does, with the role's own threads and limits, on ports of its own."""
    port, ops = free_port(), free_port()
    ports = {"CRM_HTTP_PORT": str(port), "CRM_OPS_PORT": str(ops)}
    words = [sys.executable, "-m", f"crm_{service}", "serve"]
    with _started(words, port, {**env, **ports}) as started:
        yield started


@contextmanager
def _started(words: Sequence[str], port: int, env: Mapping[str, str]) -> Iterator[Server]:
    process = subprocess.Popen(words, env={**os.environ, **env}, cwd=ROOT)
    try:
        wait_until(lambda: is_listening(port), timeout=30, what=" ".join(words[-3:]))
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait(20)


def is_listening(port: int) -> bool:
    """Tell whether somebody answers."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def family(pid: int) -> list[int]:
    """Return a process and all that stem from it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += family(int(child))
    return found


def cpu_seconds(pid: int) -> float:
    """Return what a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
