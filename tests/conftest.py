"""The whole platform as real processes, started once for every test that needs it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crm_client.client import Client

REPOSITORY = Path(__file__).resolve().parents[1]
UP = REPOSITORY / "deploy" / "local" / "up.py"
SERVERS = Path(os.environ.get("CRM_TEST_HOME", REPOSITORY / ".local" / "test")) / "servers.json"
SECONDS_TO_START = 170


@dataclass(frozen=True, slots=True)
class Platform:
    """A running platform, found by the folder it runs in."""

    home: Path
    clients: list[Client] = field(default_factory=list)

    @property
    def admin(self) -> dict[str, str]:
        """Return the administrator's url, email and password."""
        return dict(json.loads((self.home / "admin.json").read_text()))

    @property
    def url(self) -> str:
        return self.admin["url"]

    def client(self) -> Client:
        """Return the client that signs in as the administrator."""
        if not self.clients:
            admin = self.admin
            self.clients.append(
                Client(admin["url"], email=admin["email"], password=admin["password"])
            )
        return self.clients[0]

    def close(self) -> None:
        for client in self.clients:
            client.close()


@pytest.fixture(scope="session")
def platform(worker: str) -> Iterator[Platform]:
    """Use the platform of CRM_TEST_PLATFORM_HOME, else start one and stop it in the end.

    It borrows the servers of the test run when they are there, under names of its own.
    """
    given = os.environ.get("CRM_TEST_PLATFORM_HOME")
    if given:
        yield from _open(Path(given))
        return
    home = REPOSITORY / ".local" / f"test-platform-{worker}"
    words = ["up", "--home", str(home)]
    if os.environ.get("CRM_TEST_PG_URL") and SERVERS.exists():
        words += ["--servers-from", str(SERVERS), "--suffix", f"_{worker}"]
    else:
        words += ["--volatile"]
    try:
        _up(*words)
        yield from _open(home)
    finally:
        _up("down", "--home", str(home))


@pytest.fixture(scope="session")
def worker() -> str:
    """Return the name of this test process: several may run side by side."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


def _open(home: Path) -> Iterator[Platform]:
    platform = Platform(home)
    yield platform
    platform.close()


def _up(*words: str) -> None:
    done = subprocess.run(
        [sys.executable, UP, *words], capture_output=True, text=True, timeout=SECONDS_TO_START,
        check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.fail(f"up.py {' '.join(words)}\n{done.stdout}\n{done.stderr}", pytrace=False)
