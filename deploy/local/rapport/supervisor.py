"""Supervisor: configure, start, ask, stop, and leave no process behind."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from .command import run, say, tail, wait_until
from .failure import Failure
from .home import VENV, Home, write_private
from .programs import Program, group_sections

MARK = "CRM_SUPERVISED_HOME"
PRIORITY = {"servers": 10, "roles": 20}
ADVICE = "read .local/logs/supervisord.log; `make down` and repeat"


def configure(home: Home, group: str, programs: Sequence[Program]) -> None:
    """Write what one group consists of; the supervisor learns of it at `update`."""
    text = group_sections(home, group, PRIORITY[group], programs) if programs else ""
    write_private(home.path / f"programs-{group}.conf", text)


def update(home: Home) -> None:
    """Start the supervisor, or make the running one follow the written configuration."""
    write_private(home.path / "supervisord.conf", settings(home))
    if is_running(home):
        control(home, "update")
        return
    sweep(home, seconds=15)
    (home.path / "programs-roles.conf").unlink(missing_ok=True)  # they start after migrations
    (home.logs / "supervisord.log").unlink(missing_ok=True)
    env = {**os.environ, MARK: str(home.path)}
    supervisord = VENV / "bin" / "supervisord"
    words: list[str | Path] = [supervisord, "-c", home.path / "supervisord.conf"]
    run(words, log=home.logs / "start.log", advice=ADVICE, env=env)
    if not wait_until(lambda: is_running(home), seconds=10):
        log = home.logs / "supervisord.log"
        raise Failure(f"the supervisor does not answer\n{tail(log)}", ADVICE)


def settings(home: Home) -> str:
    control_by = f"unix://{home.socket}"
    return f"""[unix_http_server]
file={home.socket}
chmod=0700
[supervisord]
logfile={home.logs / "supervisord.log"}
logfile_maxbytes=5MB
pidfile={home.path / "supervisord.pid"}
childlogdir={home.logs}
{"user=root" if os.getuid() == 0 else ""}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl={control_by}
[include]
files={home.path}/programs-*.conf
"""


def control(home: Home, *words: str) -> str:
    """Return what supervisorctl printed; its exit code says only that some program is not up."""
    ctl = VENV / "bin" / "supervisorctl"
    words = (str(ctl), "-c", str(home.path / "supervisord.conf"), *words)
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd="/")
    return done.stdout


def states(home: Home) -> dict[str, str]:
    """Return each program's state (RUNNING, STARTING, BACKOFF, FATAL…), {} when nothing runs."""
    if not is_running(home):
        return {}
    rows = (line.split(None, 2) for line in control(home, "status").splitlines())
    return {row[0].rpartition(":")[2]: row[1] for row in rows if len(row) > 1}


def pid(home: Home) -> int | None:
    try:
        return int((home.path / "supervisord.pid").read_text())
    except (OSError, ValueError):
        return None


def is_running(home: Home) -> bool:
    """Tell whether the home's own supervisor lives: a pid alone may belong to anybody by now."""
    number = pid(home)
    return number is not None and number in marked(home) and home.socket.exists()


def stop(home: Home) -> None:
    """Stop roles, then servers, then the supervisor; whatever is left is ended by its mark."""
    if is_running(home):
        control(home, "shutdown")
        wait_until(lambda: pid(home) not in marked(home), seconds=60)
    sweep(home, seconds=15)
    home.socket.unlink(missing_ok=True)


def marked(home: Home) -> list[int]:
    """Return every process of this home: its environment carries the home's mark."""
    mark = f"{MARK}={home.path}\0".encode()
    return [process for process in processes() if mark in environment(process)]


def processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def environment(process: int) -> bytes:
    """Return a process's environment, empty when it ended, is a zombie or is another user's."""
    try:
        return Path(f"/proc/{process}/environ").read_bytes() + b"\0"
    except OSError:
        return b""


def sweep(home: Home, *, seconds: float) -> None:
    """End what a killed supervisor left: politely, then by force."""
    if not marked(home):
        return
    for kind, patience in ((None, 2.0), (signal.SIGTERM, seconds), (signal.SIGKILL, 5.0)):
        send(kind, marked(home))
        if kind is signal.SIGTERM:
            say("supervisor: ending processes that were left behind")
        if wait_until(lambda: not marked(home), seconds=patience):
            time.sleep(0.1)
            return
    left = " ".join(map(str, marked(home)))
    raise Failure(f"processes {left} do not end", f"end them yourself: kill -9 {left}")


def send(kind: signal.Signals | None, numbers: Sequence[int]) -> None:
    for number in numbers:
        if kind is None:
            return
        try:
            os.kill(number, kind)
        except ProcessLookupError:
            continue
