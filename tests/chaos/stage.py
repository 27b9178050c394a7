"""A platform to break: its own servers, every link through the proxy, every role under the keeper."""

import random
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from tests import restoring
from tests.chaos.disk import own_disk
from tests.chaos.history import History
from tests.chaos.keeper import Keeper, as_role, footprint
from tests.chaos.links import Links, targets
from tests.chaos.losses import Losses
from tests.chaos.tally import Tally
from tests.running import ROOT, Platform, up

from crm_chassis.testing import wait_until

SERVICES = ("contacts", "sales", "marketing", "support", "gateway")
KINDS = ("serve", "relay", "work")
SHORT_SCALE = 0.1
_SETTINGS = {"CRM_RATE_LIMIT": "1000000/minute", "CRM_DRAIN_SECONDS": "0.5"}
_CONNECTIONS = "select count(*) from pg_stat_activity where usename like 'crm%'"


def set_event() -> threading.Event:
    """Return an event that is set."""
    event = threading.Event()
    event.set()
    return event


@dataclass
class Stage:
    """What a fault gets to act on. `scale` multiplies the durations the full run has."""

    platform: Platform
    keeper: Keeper
    links: Links
    history: History
    tally: Tally
    dice: random.Random
    scale: float = 1.0
    boot_seconds: float = 0.0
    poisoned: set[str] = field(default_factory=set)
    rolls: list[tuple[float, float]] = field(default_factory=list)
    smtp_faults: int = 0
    losses: Losses = field(default_factory=Losses)
    may_kill: threading.Event = field(default_factory=set_event)
    disk: Path | None = None
    no_disk: str | None = None

    @property
    def vhost(self) -> str:
        """The platform's virtual host."""
        return f"crm{self.platform.state('run.json').get('suffix', '')}"

    @property
    def roles(self) -> list[str]:
        """The names of all roles, in order."""
        return [f"{service}-{kind}" for service in SERVICES for kind in KINDS]

    def seconds(self, full: float) -> float:
        """Return a duration of the full run in this run's scale."""
        return full * self.scale

    @contextmanager
    def peace(self) -> Iterator[None]:
        """Let no role be killed meanwhile: a server that starts needs the processor."""
        self.may_kill.clear()
        try:
            yield
        finally:
            self.may_kill.set()

    def back_up(self, service: str) -> None:
        """Save a service's database as it is now, for `backup_of`."""
        self.losses.backups[service] = time.monotonic()
        restoring.backup(self.platform, service, self._dump(service))

    def backup_of(self, service: str) -> Path:
        """Return the service's backup; one made now where the run did not begin with one."""
        if service not in self.losses.backups:
            self.back_up(service)
            time.sleep(self.seconds(60))
        return self._dump(service)

    def _dump(self, service: str) -> Path:
        return self.platform.home / f"{service}.dump"

    def measure(self) -> dict[str, float]:
        """Return what the platform holds now: connections, channels, threads, memory."""
        totals = self.ask_broker("GET", "/overview")["object_totals"]
        with self.platform.database(None) as server:
            row = server.execute(_CONNECTIONS).fetchone() or (0,)
        return footprint(self.keeper.roles.values()) | {
            "broker connections": totals["connections"],
            "broker channels": totals["channels"],
            "database connections": row[0],
        }

    def ends_of_sender(self) -> int:
        """Return how often the process that sends mail may have ended in the middle of one."""
        ends = self.keeper.restarts["marketing-work"] + self.smtp_faults
        return ends + self.losses.in_doubt  # a restored ledger doubts all it had queued

    def spare_port(self) -> int:
        """Return a port nobody listens on, below those the kernel hands out."""
        from rapport import ports

        return int(
            ports.next_free(
                32000, taken=set(self.platform.ports.values()), claimant=str(self.platform.home)
            )
        )

    def server_pid(self, name: str) -> int:
        """Return the process of a server under the local supervisor."""
        return int(self.platform.control("pid", f"servers:{name}"))

    def wait_broker(self) -> None:
        """Return when the broker answers its administrator."""
        with self.peace():
            wait_until(lambda: self._answers("/overview"), timeout=60, what="the broker")

    def wait_database(self) -> None:
        """Return when the database server takes connections."""

        def takes() -> bool:
            with suppress(psycopg.Error), self.platform.database(None):
                return True
            return False

        with self.peace():
            wait_until(takes, timeout=60, what="the database")

    def apply_topology(self) -> None:
        """Bring back what the topology says there is."""
        done = self.platform.crm("topology", "apply")
        assert done.returncode == 0, done.stdout + done.stderr

    def ask_broker(self, method: str, path: str, body: Any = None) -> Any:
        """Call the management API; `{vhost}` is the platform's."""
        management = self.platform.state("servers.json")["amqp_management_url"]
        from rapport import rabbitmq

        return rabbitmq.ask(management, method, path.format(vhost="crm"), body)

    def delete(self, what: str, name: str) -> None:
        """Delete a queue or an exchange; it may be gone already."""
        with suppress(OSError):
            self.ask_broker("DELETE", f"/{what}/{{vhost}}/{name}")

    def admin_amqp_url(self) -> str:
        """Return the administrator's address of the platform's virtual host."""
        return f"{self.platform.state('servers.json')['amqp_url']}/crm"

    def _answers(self, path: str) -> bool:
        with suppress(OSError):
            self.ask_broker("GET", path)
            return True
        return False


@contextmanager
def staged(home: Path, *, seed: int, scale: float, history: History) -> Iterator[Stage]:
    """Bring a platform up with every role ready; nothing of it is left afterwards."""
    sys.path.insert(0, str(ROOT / "deploy" / "local"))
    with ExitStack() as stack:
        disk = stack.enter_context(own_disk(home))
        stack.enter_context(up(home, "--no-roles", volatile=False))
        deployment, programs = _programs(home)
        environments = [(p.name.partition("-")[0], p.env) for p in programs]
        links = stack.enter_context(Links(targets(environments)))
        for program in programs:
            object.__setattr__(
                program, "env", links.through(program.name.partition("-")[0], program.env)
            )
        roles = [as_role(program, home, deployment.ports) for program in programs]
        for role in roles:
            role.env |= _SETTINGS
        keeper = stack.enter_context(Keeper(roles))
        booted = keeper.wait_ready(seconds=240)
        platform = stack.enter_context(Platform(home))
        yield Stage(
            platform=platform, keeper=keeper, links=links, history=history, tally=Tally(),
            dice=random.Random(seed), scale=scale, boot_seconds=booted,
            disk=disk if isinstance(disk, Path) else None,
            no_disk=disk if isinstance(disk, str) else None,
        )  # fmt: skip


def _programs(home: Path) -> tuple[Any, list[Any]]:
    """Return the deployment of the local run, and its roles as programs."""
    from rapport import platform_run, roles
    from rapport.home import Home

    deployment = platform_run.saved(Home(home))
    return deployment, roles.programs(deployment)
