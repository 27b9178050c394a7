"""Is every role ready, and if not: which, why, and what to do."""

import time
import urllib.error
import urllib.request

from . import ports, supervisor
from .command import tail
from .failure import Failure
from .home import Home, services
from .roles import ROLES

HOPELESS = {"FATAL", "EXITED", "STOPPED", "UNKNOWN"}


def expected() -> list[str]:
    return [f"{service}-{role}" for service in services() for role in ROLES]


def answer(home: Home, role: str) -> str:
    """Return 'ready', or what the role's readiness says, or why it cannot be asked."""
    port = home.read("ports.json").get(role.replace("-", "."), 0)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
            return "ready"
    except urllib.error.HTTPError as error:
        return f"not ready: {error.read(300).decode(errors='replace').strip()}"
    except OSError as error:
        return f"does not answer: {error}"


def wait(home: Home, *, seconds: float = 90) -> None:
    """Return when all roles are ready; raises Failure as soon as one has given up."""
    deadline = time.monotonic() + seconds
    waiting = expected()
    while True:
        waiting = [role for role in waiting if answer(home, role) != "ready"]
        if not waiting:
            return
        states = supervisor.states(home)
        given_up = [role for role in waiting if states.get(role, "STOPPED") in HOPELESS]
        if given_up or time.monotonic() > deadline:
            raise explain(home, given_up or waiting, states)
        time.sleep(0.2)


def explain(home: Home, roles: list[str], states: dict[str, str]) -> Failure:
    first = roles[0]
    log = home.logs / f"{first}.log"
    lines = [f"{role}: {states.get(role, 'not started')}, {answer(home, role)}" for role in roles]
    what = "these roles are not ready\n  " + "\n  ".join(lines)
    advice = f"read {log} (exit 78: the settings it names are wrong), repair, `make up` again"
    return Failure(f"{what}\n  the end of {log.name}:\n{tail(log)}", advice)


def report(home: Home) -> tuple[list[str], bool]:
    """Return one line per program, and whether all that should run does and is ready."""
    states = supervisor.states(home)
    roles = expected()
    lines, good = [], bool(states)
    for name in sorted({*states, *roles}):
        state = states.get(name, "not started")
        said = answer(home, name) if name in roles and state == "RUNNING" else ""
        good = good and state == "RUNNING" and said in ("", "ready")
        lines.append(f"{name:18} {state:12} {said}")
    return lines, good


def servers_answer(home: Home) -> bool:
    saved = home.read("ports.json")
    return all(ports.accepts(saved[name]) for name in ("postgres", "amqp") if name in saved)
