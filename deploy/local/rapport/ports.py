"""Choose ports once and keep them, stepping over what is taken."""

import socket
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from .failure import Failure
from .home import REPOSITORY, Home

LOWEST = 20000
HIGHEST = 32767  # the kernel hands out ports above it to anyone who asks for "any"
CONSOLE = 20080
CLAIMS = Path(tempfile.gettempdir()) / "rapport-ports"
CLAIM_SECONDS = 120  # from choosing a port to listening there


def choose(home: Home, names: Iterable[str], *, running: bool) -> dict[str, int]:
    """Return a port per name: the saved one while it is free or ours, else a new one.

    `running` says that our own supervisor is alive, so a saved port that is busy is our own.
    """
    saved = home.read("ports.json")
    ports: dict[str, int] = {}
    for name in names:
        port = saved.get(name)
        if port is None or not (running or is_free(port)):
            taken = {*ports.values(), *saved.values()}
            port = next_free(preferred(home, name), taken=taken, claimant=str(home.path))
        ports[name] = port
        saved[name] = port
    home.write("ports.json", saved)
    return ports


def preferred(home: Home, name: str) -> int:
    """A clone's console has a port worth remembering; the rest starts at a place of the home's own.

    Tests' homes keep away from it: a person expects the console there.
    """
    if name == "gateway.http" and home.path == REPOSITORY / ".local":
        return CONSOLE
    return LOWEST + 100 + int(home.tag, 16) % 120 * 100


def next_free(start: int, *, taken: set[int], claimant: str) -> int:
    """Return the first free port from `start` on, wrapping around at the end of the range.

    It is claimed: two platforms that start at once would both find it free.
    """
    span = HIGHEST - LOWEST + 1
    for step in range(span):
        port = LOWEST + (start - LOWEST + step) % span
        if port not in taken and is_free(port) and claim(port, claimant):
            return port
    raise Failure(f"no free port between {LOWEST} and {HIGHEST}", "stop what holds them: ss -ltnp")


def claim(port: int, claimant: str) -> bool:
    """Tell whether the port is the claimant's for now; a claim that is old counts no more."""
    file = CLAIMS / str(port)
    try:
        if not CLAIMS.exists():
            CLAIMS.mkdir(exist_ok=True)
            CLAIMS.chmod(0o1777)  # every user's platforms claim here
        if file.exists() and time.time() - file.stat().st_mtime > CLAIM_SECONDS:
            file.unlink()
        with file.open("x") as opened:
            opened.write(claimant)
    except FileExistsError:
        return file.read_text() == claimant
    except OSError:
        return not file.exists()  # nobody can claim here: as good as it gets
    return True


def is_free(port: int) -> bool:
    """Tell whether nobody listens on the port, on any address."""
    for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((address, port))
        except OSError as error:
            if error.errno == 98:  # EADDRINUSE; a machine without IPv6 says something else
                return False
    return True


def accepts(port: int, host: str = "127.0.0.1") -> bool:
    """Tell whether somebody answers on the port."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
