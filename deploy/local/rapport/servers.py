"""PostgreSQL and RabbitMQ for one home: private ones, or those the environment names."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from . import ports, postgres, rabbitmq, rabbitmq_packages, secret_store, supervisor
from .command import say
from .failure import Failure
from .home import Home
from .programs import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """Administrators' addresses; amqp_url has no vhost. Written to servers.json."""

    pg_url: str
    amqp_url: str
    amqp_management_url: str

    @classmethod
    def read(cls, file: Path) -> "Servers":
        """Read another home's servers.json, to share its servers."""
        content = Home(file.resolve().parent).read(file.name)
        try:
            return cls(**content)
        except TypeError as error:
            raise Failure(
                f"{file} is not a servers.json", "write it with `up.py servers`"
            ) from error


def start(home: Home, *, volatile: bool = False) -> Servers:
    """Start what the environment does not name and write servers.json; wait_all comes later."""
    secrets = secret_store.ensure(home)
    if volatile:  # tests know the broker's users by heart
        secrets["amqp"] = {service: service for service in secrets["amqp"]}
        home.write("secrets.json", secrets)
    running = supervisor.is_running(home)
    names = ("postgres", "amqp", "management", "dist", "epmd")
    chosen = ports.choose(home, names, running=running)
    servers = addresses(secrets, chosen)
    supervisor.configure(home, "servers", programs(home, secrets, chosen, volatile=volatile))
    home.write("servers.json", asdict(servers))
    say("servers: starting" if not running else "servers: already running")
    supervisor.update(home)
    return servers


def addresses(secrets: dict[str, Any], chosen: dict[str, int]) -> Servers:
    amqp, management = rabbitmq.urls(secrets, chosen)
    own_amqp = os.environ.get("CRM_AMQP_URL", "").rstrip("/")
    if own_amqp:
        parts = urlsplit(own_amqp)
        amqp = f"{parts.scheme}://{parts.netloc}"
        guess = f"http://{parts.username}:{parts.password}@{parts.hostname}:15672"
        management = os.environ.get("CRM_AMQP_MANAGEMENT_URL", guess)
    return Servers(
        pg_url=os.environ.get("CRM_PG_URL") or postgres.url(secrets, chosen["postgres"]),
        amqp_url=amqp,
        amqp_management_url=management,
    )


def programs(
    home: Home, secrets: dict[str, Any], chosen: dict[str, int], *, volatile: bool
) -> list[Program]:
    """Return the servers to run here: none for an address the environment gives."""
    found: list[Program] = []
    if not os.environ.get("CRM_PG_URL"):
        found.append(postgres.program(home, secrets, chosen["postgres"], volatile=volatile))
    if not names_broker():
        binaries = rabbitmq_packages.ensure()
        found += rabbitmq.programs(home, binaries, secrets, chosen, volatile=volatile)
    return found


def names_broker() -> bool:
    """Tell whether the environment names a broker to use."""
    return bool(os.environ.get("CRM_AMQP_URL"))


def wait_postgres(servers: Servers) -> None:
    parts = urlsplit(servers.pg_url)
    postgres.wait(parts.hostname or "127.0.0.1", parts.port or 5432)


def wait_rabbitmq(servers: Servers) -> None:
    rabbitmq.wait(servers.amqp_management_url)
