"""A platform to measure, servers beside it, and crowds of contacts."""

import json
import os
import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
import pytest
from tests.bench import crowds as crowds_room
from tests.bench import rivals
from tests.bench.crowds import Crowd
from tests.bench.serving import Server, serving
from tests.running import Platform, up

from crm_chassis import testing
from crm_chassis.testing import Servers, databases, wait_until

Serving = Callable[..., AbstractContextManager[Server]]
UNLIMITED = "1000000000/minute"


@dataclass(frozen=True, slots=True)
class Front:
    """The gateway with contacts behind it, and a token to ask it with."""

    contacts: Server
    gateway: Server
    token: str


@pytest.fixture(scope="session")
def platform_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the home of a platform whose commits last: they are a part of what a write costs."""
    if given := os.environ.get("CRM_TEST_PLATFORM_HOME"):
        yield Path(given).resolve()
        return
    home = tmp_path_factory.mktemp("platform")
    with up(home, volatile=False):
        with psycopg.connect(json.loads((home / "servers.json").read_text())["pg_url"]) as server:
            folder = server.execute("show data_directory").fetchone()
        yield home
    shutil.rmtree(home)
    shutil.rmtree(Path(*folder or ()).parent, ignore_errors=True)  # root's servers live elsewhere


@pytest.fixture(scope="session")
def rival_url(whole_platform: Platform) -> Iterator[str]:
    """Return the URL of the rivals' database, on the platform's server."""
    url = urlsplit(whole_platform.state("servers.json")["pg_url"])
    with whole_platform.database(None) as server:
        server.execute("create database bench_rivals")
    made = urlunsplit(url._replace(path="/bench_rivals"))
    rivals.make_tables(made)
    yield made
    with whole_platform.database(None) as server:
        server.execute("drop database bench_rivals with (force)")


@pytest.fixture
def rival(rival_url: str) -> Serving:
    """`rival("one_read", "granian")` serves a rival."""

    def start(name: str, server: str, **env: str) -> AbstractContextManager[Server]:
        return serving(f"tests.bench.rivals:{name}", server, {"RIVAL_PG_URL": rival_url, **env})

    return start


@pytest.fixture
def ours(whole_platform: Platform) -> Serving:
    """`ours("gateway", "granian")` serves one of the platform's services once more."""

    def start(service: str, server: str, **env: str) -> AbstractContextManager[Server]:
        settings = environment(whole_platform, f"{service}-serve")
        settings["CRM_RATE_LIMIT"] = UNLIMITED
        factory = {"gateway": "crm_gateway.wsgi:serving"}.get(
            service, f"tests.bench.services:{service}"
        )
        return serving(factory, server, settings | env)

    return start


def environment(platform: Platform, role: str) -> dict[str, str]:
    """Return the settings a role of the platform runs with."""
    text = (platform.home / "roles" / f"{role}.sh").read_text()
    pairs: list[Any] = [
        shlex.split(line)[1].split("=", 1)
        for line in text.splitlines()
        if line.startswith("export ")
    ]
    return dict(pairs)


@pytest.fixture(scope="session")
def crowds(servers: Servers) -> Iterator[Callable[[int], Crowd]]:
    """`crowds(1_000_000)` returns databases with so many contacts, made once in a run."""
    made: dict[int, Crowd] = {}

    def crowd(size: int) -> Crowd:
        if size not in made:
            urls = [databases.fresh(servers, service) for service in ("contacts", "gateway")]
            made[size] = Crowd(size, *urls)
            print(f"\n{size} contacts and their pages: {crowds_room.fill(made[size]):.0f} s")
        return made[size]

    yield crowd
    for each in made.values():
        for url in (each.contacts_url, each.gateway_url):
            databases.drop(servers, url)


@pytest.fixture
def fronts(servers: Servers) -> Callable[..., AbstractContextManager[Front]]:
    """`fronts(crowd, "granian")` serves the gateway, and contacts behind it, over a crowd."""

    @contextmanager
    def start(crowd: Crowd, server: str) -> Iterator[Front]:
        own = testing.environment("contacts", crowd.contacts_url, servers.amqp_url)
        with serving("tests.bench.services:contacts", "gunicorn", own) as contacts:
            own = testing.environment("gateway", crowd.gateway_url, servers.amqp_url)
            services = json.loads(own["CRM_SERVICES"]) | {"contacts": contacts.url}
            own |= {"CRM_SERVICES": json.dumps(services), "CRM_RATE_LIMIT": UNLIMITED}
            own["CRM_LOG_LEVEL"] = "ERROR"  # the other services are away
            with serving("crm_gateway.wsgi:serving", server, own) as gateway:
                yield Front(contacts, gateway, _signed_in(gateway.url, own))

    return start


def _signed_in(url: str, settings: Mapping[str, str]) -> str:
    """Return an administrator's token, once there is one and contacts are known."""
    given = {"email": settings["CRM_ADMIN_EMAIL"], "password": settings["CRM_ADMIN_PASSWORD"]}

    def token() -> str | None:
        answer = httpx.post(f"{url}/v1/auth/token", json=given, timeout=30, trust_env=False)
        return answer.json().get("access_token")

    found = wait_until(token, timeout=30, what="signing in")
    headers = {"Authorization": f"Bearer {found}"}
    wait_until(
        lambda: httpx.get(
            f"{url}/v1/contacts", headers=headers, timeout=30, trust_env=False
        ).is_success,
        timeout=30, what="contacts behind the gateway",
    )  # fmt: skip
    return found
