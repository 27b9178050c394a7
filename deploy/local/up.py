#!/usr/bin/env python3
"""Run Rapport CRM on this machine: `python3 deploy/local/up.py --help`. Standard library only."""

import argparse
import os
import shlex
import signal
import sys
from pathlib import Path

from rapport import databases, doctor, platform_run, readiness, servers, supervisor, venv
from rapport.command import say
from rapport.failure import Failure
from rapport.home import REPOSITORY, Home


def main() -> int:
    options = parse()
    home = Home(options.home.resolve())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return int(options.function(home, options) or 0)
    except Failure as failure:
        say(f"\nFAILED: {failure.what}\n  what to do: {failure.advice}")
        return 1
    except KeyboardInterrupt:
        return 130


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, function, about in COMMANDS:
        command = commands.add_parser(name, help=about)
        command.set_defaults(function=function)
        command.add_argument("--home", type=Path, default=REPOSITORY / ".local")
        if name in ("up", "servers"):
            command.add_argument("--volatile", action="store_true", help="no fsync: for tests only")
        if name == "up":
            command.add_argument("--no-roles", action="store_true", help="all but the roles")
            command.add_argument("--servers-from", type=Path, metavar="SERVERS_JSON")
            command.add_argument(
                "--suffix", default="", help="of databases, vhost and broker users"
            )
        if name in ("logs", "restart"):
            command.add_argument("role", nargs="?", help="for example sales-serve")
        if name == "venv":
            command.add_argument("--dev", action="store_true", help="tests and quality tools too")
    return parser.parse_args()


def up(home: Home, options: argparse.Namespace) -> None:
    with home.locked():
        platform_run.up(
            home,
            servers_from=options.servers_from,
            suffix=options.suffix,
            volatile=options.volatile,
            with_roles=not options.no_roles,
        )


def start_servers(home: Home, options: argparse.Namespace) -> None:
    with home.locked():
        venv.ensure()
        started = servers.start(home, volatile=options.volatile)
        servers.wait_postgres(started)
        servers.wait_rabbitmq(started)
    say(f"servers: ready, see {home.path / 'servers.json'}")


def print_env(home: Home, _: argparse.Namespace) -> None:
    """Print the started servers' addresses as shell assignments."""
    for name, value in home.read("servers.json").items():
        say(f"export CRM_TEST_{name.upper()}={shlex.quote(value)}")


def down(home: Home, _: argparse.Namespace) -> None:
    if not home.path.exists():
        return
    with home.locked():
        supervisor.stop(home)
    say("down: nothing of this home is running")


def status(home: Home, _: argparse.Namespace) -> int:
    lines, good = readiness.report(home)
    say("\n".join(lines) or "nothing runs: make up")
    return 0 if good else 3


def restart(home: Home, options: argparse.Namespace) -> None:
    if not supervisor.is_running(home):
        raise Failure("nothing runs", "make up")
    say(supervisor.control(home, "restart", f"roles:{options.role or '*'}").strip())
    readiness.wait(home)


def migrate(home: Home, _: argparse.Namespace) -> None:
    """Migrate the databases of the last `up`; the servers must run."""
    databases.migrate(platform_run.saved(home), always=True)


def logs(home: Home, options: argparse.Namespace) -> None:
    """Follow one log or all."""
    found = sorted(map(str, home.logs.glob(f"{options.role or '*'}.log")))
    if not found:
        known = ", ".join(sorted(file.stem for file in home.logs.glob("*.log"))) or "none yet"
        raise Failure(f"no log of {options.role}", f"name one of: {known}")
    os.execvp("tail", ["tail", "-n", "40", "-F", *found])


def build_venv(_: Home, options: argparse.Namespace) -> None:
    venv.ensure(lock="dev" if options.dev else "platform")


def check(home: Home, _: argparse.Namespace) -> int:
    return doctor.report(home)


COMMANDS = (
    ("up", up, "start everything; harmless when it runs"),
    ("down", down, "stop everything of this home"),
    ("status", status, "one line per process"),
    ("restart", restart, "restart one role or all, after a change of code"),
    ("logs", logs, "follow the logs of one role or all"),
    ("doctor", check, "look for what would stop `up`, and say what to do"),
    ("servers", start_servers, "start PostgreSQL and RabbitMQ only; their URLs go to servers.json"),
    ("migrate", migrate, "bring every database to its newest migration"),
    ("env", print_env, "print the started servers' addresses for tests, as shell assignments"),
    ("venv", build_venv, "build the virtualenv only"),
)

if __name__ == "__main__":
    sys.exit(main())
