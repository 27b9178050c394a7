"""Keeps every role running, as a supervisor does, and lets a drill break them: kill, stop, arm."""

import os
import queue
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Self

import httpx
from tests.running import ROOT

from crm_chassis.testing import wait_until

_LOOK_SECONDS = 0.02
_PAUSE_AFTER_EARLY_END_SECONDS = 0.5
_EARLY_SECONDS = 0.3


@dataclass
class Role:
    """One process to keep: its command, its environment and what it went through."""

    name: str
    words: list[str]
    env: dict[str, str]
    log: Path
    readyz: str | None = None
    also: str | None = None
    extra: dict[str, str] = field(default_factory=dict)
    once: dict[str, str] = field(default_factory=dict)
    is_wanted: bool = True
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    not_before: float = 0.0
    away_since: float | None = None


class Keeper:
    """Starts roles from one thread: the kernel ends them when that thread ends."""

    def __init__(self, roles: list[Role]) -> None:
        self.roles = {role.name: role for role in roles}
        self.kills: Counter[str] = Counter()
        self.restarts: Counter[str] = Counter()
        self.absences: list[tuple[str, float, float]] = []
        self.stops: list[tuple[str, float]] = []
        self._orders: queue.Queue[Callable[[], None]] = queue.Queue()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="keeper")
        self._prober = threading.Thread(target=self._probe, name="prober", daemon=True)
        self._files: list[IO[bytes]] = []

    def __enter__(self) -> Self:
        self._thread.start()
        self._prober.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join(timeout=60)

    def add(self, role: Role) -> None:
        """Keep one more role."""
        self._do(lambda: self.roles.__setitem__(role.name, role))

    def kill(self, name: str, *, how: str = "group") -> bool:
        """End a role as a crash would: `group`, its `parent` alone, or one `child`; say if it lived."""
        role = self.roles[name]
        process = role.process
        if process is None or process.poll() is not None:
            return False
        numbers = [process.pid, *children(process.pid)]
        if how == "parent":
            numbers = numbers[:1]
        elif how == "child" and len(numbers) > 1:
            numbers = numbers[-1:]
        for number in numbers:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        self.kills[name] += 1
        if role.away_since is None:
            role.away_since = time.monotonic()
        return True

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a role and its children."""
        process = self.roles[name].process
        if process is not None and process.poll() is None:
            for pid in (process.pid, *children(process.pid)):
                with suppress(ProcessLookupError):
                    os.kill(pid, number)

    def stop(self, name: str, *, seconds: float = 20) -> float:
        """End a role in order and keep it away; return how long it took, or was waited for."""
        role, began = self.roles[name], time.monotonic()
        self._do(lambda: setattr(role, "is_wanted", False))
        process = role.process
        if process is not None and process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=seconds)
            if process.poll() is None:
                self.kill(name)
        took = time.monotonic() - began
        self.stops.append((name, took))
        return took

    def start(self, name: str) -> None:
        """Have a role again."""
        role = self.roles[name]
        self._do(lambda: setattr(role, "is_wanted", True))

    def restart(self, name: str, *, extra: Mapping[str, str] | None = None) -> float:
        """Restart a role in order, from now on with `extra` settings; return how long its end took."""
        took = self.stop(name)
        if extra is not None:
            self.roles[name].extra = dict(extra)
        self.start(name)
        return took

    def arm(self, name: str, crash_points: str) -> None:
        """Kill a role and start it with crash points for that one life."""

        def order() -> None:  # where roles are started: one that is being started is armed, too
            self.roles[name].once = {"CRM_CRASHPOINT": crash_points}
            self.kill(name)

        self._do(order)

    def disarm(self, name: str) -> None:
        """End a role that is still armed: serving processes are started anew with the same settings."""

        def order() -> None:
            role = self.roles[name]
            role.once = {}
            if role.process is not None and b"CRM_CRASHPOINT=" in _environment(role.process.pid):
                self.kill(name)

        self._do(order)

    def reached(self) -> Counter[str]:
        """Return how often each crash point ended a process."""
        found: Counter[str] = Counter()
        for role in tuple(self.roles.values()):
            if role.log.exists():
                for line in role.log.read_text(errors="replace").splitlines():
                    if line.startswith("crash point "):
                        found[line.removeprefix("crash point ")] += 1
        return found

    def unready(self) -> list[str]:
        """Return the roles that do not say they are ready."""
        return [role.name for role in self.roles.values() if role.is_wanted and not is_ready(role)]

    def wait_ready(self, *, seconds: float = 60) -> float:
        """Return how long it took until every role was ready."""
        began = time.monotonic()
        wait_until(lambda: not self.unready(), timeout=seconds, what="every role ready")
        return time.monotonic() - began

    def _do(self, order: Callable[[], None]) -> None:
        done = threading.Event()

        def run() -> None:
            order()
            done.set()

        self._orders.put(run)
        done.wait(timeout=10)

    def _keep(self) -> None:
        while not self._ending.is_set():
            with suppress(queue.Empty):
                self._orders.get(timeout=_LOOK_SECONDS)()
            for role in tuple(self.roles.values()):
                self._look_after(role)
        self._leave()

    def _look_after(self, role: Role) -> None:
        now, process = time.monotonic(), role.process
        if process is not None and process.poll() is not None:
            if now - role.started < _EARLY_SECONDS:
                role.not_before = now + _PAUSE_AFTER_EARLY_END_SECONDS
            role.process = None
            if role.away_since is None:
                role.away_since = now
        if role.process is None and role.is_wanted and now >= role.not_before:
            self._start(role)

    def _start(self, role: Role) -> None:
        env = {k: v for k, v in os.environ.items() if not k.startswith("CRM_")}
        env |= role.env | role.extra | role.once
        role.once = {}
        with role.log.open("ab") as log:
            role.process = subprocess.Popen(
                role.words, env=env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )
        role.started = time.monotonic()
        self.restarts[role.name] += 1

    def _probe(self) -> None:
        """Note how long each role is away, from its end until it is ready again."""
        while not self._ending.wait(0.1):
            for role in tuple(self.roles.values()):
                since = role.away_since
                if since is not None and role.process is not None and is_ready(role):
                    role.away_since = None
                    self.absences.append((role.name, since, time.monotonic()))

    def _leave(self) -> None:
        running = [r.process for r in self.roles.values() if r.process and r.process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + 15
        for process in running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            if process.poll() is None:
                for number in (process.pid, *children(process.pid)):
                    with suppress(ProcessLookupError):
                        os.kill(number, signal.SIGKILL)
                process.wait()


def footprint(roles: Iterable[Role]) -> dict[str, float]:
    """Return the threads and the memory of all roles' processes together."""
    threads = memory = 0.0
    for role in roles:
        process = role.process
        for pid in (process.pid, *children(process.pid)) if process else ():
            with suppress(OSError, ValueError):
                text = Path(f"/proc/{pid}/status").read_text()
                fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
                threads += int(fields["Threads"])
                memory += int(fields.get("VmRSS", "0 kB").split()[0]) / 1024
    return {"threads": threads, "memory_mb": memory}


def is_ready(role: Role) -> bool:
    """Ask a role whether it is ready; what has no readiness is ready when it runs."""
    if role.process is None:
        return False
    if role.readyz is None:
        return True
    try:
        asked = [role.readyz, *([role.also] if role.also else [])]
        return all(httpx.get(a, timeout=2, trust_env=False).status_code == 200 for a in asked)
    except httpx.TransportError:
        return False


def children(pid: int) -> list[int]:
    """Return the processes below a process."""
    found: list[int] = []
    with suppress(OSError, ValueError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += [int(child), *children(int(child))]
    return found


def any_of(dice: random.Random, names: list[str]) -> str:
    """Return one of the names, the same for the same seed."""
    return dice.choice(sorted(names))


def _environment(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/environ").read_bytes()
    return b""


def as_role(program: Any, home: Path, ports: Mapping[str, int]) -> Role:
    """Return a program of the local supervisor's as a role of ours."""
    port = ports.get(program.name.replace("-", "."))
    public = ports.get("gateway.http") if program.name == "gateway-serve" else None
    return Role(
        name=program.name,
        words=program.words(),
        env=dict(program.env),
        log=home / "logs" / f"{program.name}.log",
        readyz=f"http://127.0.0.1:{port}/readyz" if port else None,
        also=f"http://127.0.0.1:{public}/readyz" if public else None,
    )
