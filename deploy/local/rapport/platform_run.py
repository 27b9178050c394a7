"""The whole platform: from nothing to a printed address."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from . import (
    assets,
    databases,
    ports,
    rabbitmq_packages,
    readiness,
    roles,
    secret_store,
    servers,
    supervisor,
    topology,
    venv,
)
from .command import say
from .home import Home
from .roles import Deployment


def up(
    home: Home, *, servers_from: Path | None, suffix: str, volatile: bool, with_roles: bool = True
) -> None:
    """Start everything; each step finds out by itself whether there is anything to do.

    Without roles all is ready for them: a fault drill runs them itself.
    """
    began = time.monotonic()
    prepare(shared=servers_from is not None)
    deployment = deploy(home, servers_from=servers_from, suffix=suffix, volatile=volatile)
    with started_early(deployment):
        servers.wait_postgres(deployment.servers)
        databases.migrate(deployment)
    if not with_roles:
        return
    start_roles(deployment)
    readiness.wait(home)
    greet(deployment, time.monotonic() - began)


def prepare(*, shared: bool) -> None:
    """Fetch what is missing: virtualenv, broker and assets at once, for they wait on the network."""
    steps: list[Callable[[], object]] = [assets.ensure_or_warn]
    if not (shared or servers.names_broker()):
        steps.append(rabbitmq_packages.ensure)
    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(step) for step in steps]
        venv.ensure()
        for step in waiting:
            step.result()


def deploy(home: Home, *, servers_from: Path | None, suffix: str, volatile: bool) -> Deployment:
    """Settle ports and secrets, then start the servers (or take another home's)."""
    secrets = secret_store.ensure_keys(home)
    chosen = ports.choose(home, roles.port_names(), running=supervisor.is_running(home))
    if servers_from is None:
        running = servers.start(home, volatile=volatile)
        secrets = home.read("secrets.json")
    else:
        running = borrow(home, servers_from, secrets)
    made = Deployment(home=home, secrets=secrets, ports=chosen, servers=running, suffix=suffix)
    home.write("run.json", {"suffix": suffix})
    home.write("admin.json", roles.admin(made))
    return made


def borrow(home: Home, file: Path, secrets: dict[str, Any]) -> servers.Servers:
    """Use another home's servers; broker users are the server's, so their passwords come along."""
    lender = Home(file.resolve().parent)
    secrets["amqp"] |= lender.read("secrets.json").get("amqp", {})
    home.write("secrets.json", secrets)
    running = servers.Servers.read(file)
    home.write("servers.json", asdict(running))
    supervisor.configure(home, "servers", [])
    supervisor.update(home)
    return running


@contextmanager
def started_early(deployment: Deployment) -> Iterator[None]:
    """Apply the topology while the body does something else: the broker takes longest to start."""

    def broker() -> None:
        servers.wait_rabbitmq(deployment.servers)
        topology.apply(deployment)

    with ThreadPoolExecutor(max_workers=1) as pool:
        waiting = pool.submit(broker)
        yield
        waiting.result()


def start_roles(deployment: Deployment) -> None:
    say("roles: starting what is not running")
    supervisor.configure(deployment.home, "roles", roles.programs(deployment))
    supervisor.update(deployment.home)


def saved(home: Home) -> Deployment:
    """Return the deployment of the last `up`; raises Failure when there was none."""
    return Deployment(
        home=home,
        secrets=secret_store.ensure_keys(home),
        ports=home.read("ports.json"),
        servers=servers.Servers.read(home.path / "servers.json"),
        suffix=home.read("run.json").get("suffix", ""),
    )


def greet(deployment: Deployment, seconds: float) -> None:
    sign_in = roles.admin(deployment)
    say(f"""
Rapport CRM runs ({seconds:.0f} s).
  console   {sign_in["url"]}
  sign in   {sign_in["email"]}  {sign_in["password"]}
  mail      {deployment.home.path / "mail"} (nothing leaves this machine)
  mail in   smtp://{roles.mail_in_address(deployment)} (bounces and letters; README, "Mail that comes in")
  next      make demo | make status | make logs role=sales-serve | make down""")
