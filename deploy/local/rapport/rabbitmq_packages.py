"""RabbitMQ's binaries: the installed ones, else Debian's packages unpacked in the user's cache."""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from .command import run, say
from .failure import Failure
from .home import locked

OURS = re.compile(r"^Package: (erlang|rabbitmq-server|socat|libsctp1)", re.MULTILINE)
ADVICE = (
    "install it (Debian: apt install rabbitmq-server), or set CRM_AMQP_URL and "
    "CRM_AMQP_MANAGEMENT_URL to a broker of yours (an administrator)"
)


@dataclass(frozen=True, slots=True)
class Binaries:
    """`scripts` holds rabbitmq-server, `erlang` holds erl and epmd, `libraries` their own."""

    scripts: Path
    erlang: Path
    libraries: Path | None = None

    @property
    def path(self) -> str:
        return f"{self.erlang}:{os.environ.get('PATH', '/usr/bin:/bin')}"


def ensure() -> Binaries:
    """Return usable binaries, fetching them once per user if the machine has none."""
    found = installed() or unpacked()
    if found is not None:
        return found
    with locked(cache() / "rabbitmq.lock"):
        fetch()
    found = unpacked()
    if found is None:
        raise Failure("the unpacked RabbitMQ is not complete", ADVICE)
    return found


def installed() -> Binaries | None:
    """The wrappers in /usr/sbin change the user: the scripts below /usr/lib do not."""
    scripts = newest(Path("/usr/lib/rabbitmq/lib"), "rabbitmq_server-*/sbin")
    erl = shutil.which("erl") or "/usr/lib/erlang/bin/erl"
    if scripts is None or not Path(erl).exists():
        return None
    return Binaries(scripts, Path(erl).parent)


def unpacked() -> Binaries | None:
    root = cache() / "rabbitmq"
    scripts = newest(root / "usr/lib/rabbitmq/lib", "rabbitmq_server-*/sbin")
    if scripts is None:
        return None
    libraries = next(root.glob("usr/lib/*-linux-gnu"), None)
    return Binaries(scripts, root / "usr/lib/erlang/bin", libraries)


def newest(folder: Path, pattern: str) -> Path | None:
    return max(folder.glob(pattern), default=None)


def cache() -> Path:
    """CRM_CACHE_DIR, else ~/.cache/rapport: shared by all clones of one user."""
    chosen = os.environ.get("CRM_CACHE_DIR")
    return Path(chosen) if chosen else Path.home() / ".cache" / "rapport"


def fetch() -> None:
    """Download the packages with their dependencies and unpack them; nothing is installed."""
    if unpacked() is not None:
        return
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise Failure("there is no RabbitMQ, and no apt-get to fetch it with", ADVICE)
    say("rabbitmq: fetching Debian's packages into the user's cache")
    work = cache() / "apt"
    download(work)
    fresh = cache() / "rabbitmq.fresh"
    shutil.rmtree(fresh, ignore_errors=True)
    for package in sorted((work / "cache/archives").glob("*.deb")):
        run(["dpkg", "-x", package, fresh], log=cache() / "fetch.log", advice=ADVICE)
    point_erlang(fresh, cache() / "rabbitmq")
    shutil.rmtree(cache() / "rabbitmq", ignore_errors=True)
    fresh.replace(cache() / "rabbitmq")
    shutil.rmtree(work)


def download(work: Path) -> None:
    """Let apt work on private folders, with a copy of dpkg's status that lacks what we want."""
    for folder in ("state", "lists/partial", "cache/archives/partial"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    status = Path("/var/lib/dpkg/status").read_text(errors="replace").split("\n\n")
    (work / "status").write_text("\n\n".join(p for p in status if not OURS.search(p)))
    options = {
        "Dir::State": work / "state",
        "Dir::State::status": work / "status",
        "Dir::State::lists": work / "lists",
        "Dir::Cache": work / "cache",
        "APT::Sandbox::User": "",
        "Debug::NoLocking": "1",
    }
    words = [
        "apt-get",
        "-qq",
        *(w for key, value in options.items() for w in ("-o", f"{key}={value}")),
    ]
    log = cache() / "fetch.log"
    run([*words, "update"], log=log, advice=ADVICE)
    wanted = ["install", "--yes", "--no-install-recommends", "--download-only", "rabbitmq-server"]
    run([*words, *wanted], log=log, advice=ADVICE)


def point_erlang(fresh: Path, final: Path) -> None:
    """Tell Erlang's start scripts where they will live: they name their installed place."""
    for script in fresh.glob("usr/lib/erlang/**/bin/erl"):
        text = script.read_text()
        script.write_text(
            text.replace("ROOTDIR=/usr/lib/erlang", f'ROOTDIR="{final}/usr/lib/erlang"')
        )
