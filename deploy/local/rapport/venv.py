"""The virtualenv of a clone: the hashed lock, then our own packages in place."""

import hashlib
import shutil
import sys
from pathlib import Path

from .command import run, say
from .failure import Failure
from .home import PYTHON, REPOSITORY, VENV, locked

LOG = REPOSITORY / ".local" / "logs" / "venv.log"
OFFLINE = "check that this machine reaches a Python package index (pip config list), then repeat"
TOO_OLD = "start make with it: make up PYTHON=python3.12"


def ensure(*, lock: str = "platform") -> None:
    """Build or refresh the virtualenv; `lock` is platform (to run) or dev (to run and test).

    Does nothing when lock and packages are those of the last time. dev includes platform, so
    running after testing does not take anything away.
    """
    if sys.version_info < (3, 11):
        raise Failure(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}", TOO_OLD)
    with locked(REPOSITORY / ".local" / "venv.lock"):
        if not PYTHON.exists():
            create()
        if not is_fresh(lock):
            install(lock)
        if stamp("packages") != packages_print():
            install_packages()


def create() -> None:
    say("virtualenv: creating .local/venv")
    shutil.rmtree(VENV, ignore_errors=True)
    advice = "install the module it needs (Debian: apt install python3-venv), then repeat"
    run([sys.executable, "-m", "venv", VENV], log=LOG, advice=advice)


def is_fresh(lock: str) -> bool:
    """A dev virtualenv also serves as platform."""
    return any(stamp(name) == lock_print(name) for name in {lock, "dev"})


def install(lock: str) -> None:
    say(f"virtualenv: installing requirements/{lock}.txt")
    requirements = REPOSITORY / "requirements" / f"{lock}.txt"
    run([*pip(), "--require-hashes", "-r", requirements], log=LOG, advice=OFFLINE)
    write_stamp(lock, lock_print(lock))


def install_packages() -> None:
    """Install our packages in place, without asking any index for anything."""
    folders = packages()
    say("virtualenv: " + (", ".join(f.name for f in folders) or "no package of ours yet"))
    if folders:
        editable = [word for folder in folders for word in ("--editable", str(folder))]
        words = [*pip(), "--no-build-isolation", "--no-index", *editable]
        run(words, log=LOG, advice="read the pyproject.toml of the package it names")
    write_stamp("packages", packages_print())


def pip() -> list[str]:
    options = ["--quiet", "--no-deps", "--disable-pip-version-check", "--no-input"]
    return [str(PYTHON), "-m", "pip", "install", *options]


def packages() -> list[Path]:
    """Return the folders of our own packages that exist in this clone."""
    found = (
        REPOSITORY.glob(f"{area}/*/pyproject.toml") for area in ("libs", "services", "clients")
    )
    return sorted(file.parent for files in found for file in files)


def lock_print(lock: str) -> str:
    return digest([REPOSITORY / "requirements" / f"{lock}.txt"])


def packages_print() -> str:
    return digest([folder / "pyproject.toml" for folder in packages()])


def digest(files: list[Path]) -> str:
    """Fingerprint of names and contents."""
    total = hashlib.sha256()
    for file in files:
        total.update(str(file.relative_to(REPOSITORY)).encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def stamp(name: str) -> str:
    file = VENV / f".installed-{name}"
    return file.read_text() if file.exists() else ""


def write_stamp(name: str, text: str) -> None:
    (VENV / f".installed-{name}").write_text(text)
