"""Look at a machine before and after: what would stop `up`, and what to do about it."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator

from . import rabbitmq_packages, readiness, servers, supervisor
from .command import say, tail
from .home import REPOSITORY, Home

ROOM = 2_000_000_000


def report(home: Home) -> int:
    """Print every finding; the number of what would stop `up` is the exit code."""
    faults = list(machine(home)) + list(roles(home))
    for fault, advice in faults:
        say(f"✗ {fault}\n    {advice}")
    if not faults:
        say("✓ nothing stands in the way")
    return len(faults)


def machine(home: Home) -> Iterator[tuple[str, str]]:
    if sys.version_info < (3, 11):
        yield f"Python {sys.version.split()[0]}", "make up PYTHON=python3.12"
    if importlib.util.find_spec("ensurepip") is None:
        yield "this Python cannot make a virtualenv", "apt install python3-venv"
    if not shutil.which("setpriv"):
        yield "no setpriv: roles could outlive a killed supervisor", "apt install util-linux"
    if not os.access(home.path if home.path.exists() else REPOSITORY, os.W_OK):
        yield f"{home.path} belongs to another user", f"sudo chown -R {os.getuid()} {home.path}"
    if shutil.disk_usage(REPOSITORY).free < ROOM:
        yield "less than 2 GB are free", "make room on this disk"
    if not (servers.names_broker() or has_broker()):
        yield "no RabbitMQ and no apt-get to fetch it", rabbitmq_packages.ADVICE


def has_broker() -> bool:
    there = rabbitmq_packages.installed() or rabbitmq_packages.unpacked()
    return bool(there or shutil.which("apt-get"))


def roles(home: Home) -> Iterator[tuple[str, str]]:
    """Name each role that runs badly; a platform that is down is no fault."""
    states = supervisor.states(home)
    for role in readiness.expected() if states else []:
        said = readiness.answer(home, role)
        if said != "ready":
            log = home.logs / f"{role}.log"
            yield f"{role}: {states.get(role, 'not started')}, {said}", f"read {log}\n{tail(log)}"
