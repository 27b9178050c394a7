"""Where a run keeps everything: one folder per platform, the virtualenv shared by all of a clone."""

import fcntl
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .failure import Failure

REPOSITORY = Path(__file__).resolve().parents[3]
VENV = REPOSITORY / ".local" / "venv"
PYTHON = VENV / "bin" / "python"
SERVICES = ("contacts", "sales", "marketing", "support", "gateway")


@dataclass(frozen=True, slots=True)
class Home:
    """One platform's folder; two homes run side by side without meeting."""

    path: Path

    @property
    def tag(self) -> str:
        """Eight hexadecimal digits that tell this home from any other on the machine."""
        return hashlib.sha256(str(self.path).encode()).hexdigest()[:8]

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def roles(self) -> Path:
        return self.path / "roles"

    @property
    def socket(self) -> Path:
        """The supervisor's socket: a path of a socket must stay under 108 bytes."""
        near = self.path / "supervisor.sock"
        if len(str(near)) < 90:
            return near
        return Path(tempfile.gettempdir()) / f"rapport-{os.getuid()}-{self.tag}.sock"

    def create(self) -> None:
        for folder in (self.path, self.logs, self.roles):
            folder.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o711)

    def read(self, name: str) -> dict[str, Any]:
        """Return a state file's content, {} when it is not there or was cut short."""
        try:
            content = json.loads((self.path / name).read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def write(self, name: str, content: dict[str, Any]) -> Path:
        """Replace a state file in one step, readable by its owner only."""
        return write_private(self.path / name, json.dumps(content, indent=2) + "\n")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the home for one command at a time; the second waits for the first."""
        self.create()
        with locked(self.path / "up.lock"):
            yield


def write_private(path: Path, text: str) -> Path:
    """Write by rename with mode 600, so that nobody reads half a file or another's secret."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    return fresh.replace(path)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on a file; it frees itself when the process ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        file = path.open("w")
    except PermissionError as error:
        advice = f"it belongs to another user: sudo chown -R {os.getuid()} {path.parent}"
        raise Failure(f"{path} cannot be written", advice) from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def services() -> tuple[str, ...]:
    """Return the services of this clone that can be started."""
    return tuple(s for s in SERVICES if (service_package(s) / "__main__.py").exists())


def service_package(service: str) -> Path:
    return REPOSITORY / "services" / service / "src" / f"crm_{service}"
