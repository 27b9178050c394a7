"""A platform to measure, and servers beside it."""

import shlex
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from tests.bench import rivals
from tests.bench.serving import Server, serving
from tests.running import Platform

Serving = Callable[..., AbstractContextManager[Server]]


@pytest.fixture(scope="session")
def rival_url(whole_platform: Platform) -> Iterator[str]:
    """Return the URL of the rivals' database, on the platform's server."""
    url = urlsplit(whole_platform._state("servers.json")["pg_url"])
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
        settings["CRM_RATE_LIMIT"] = "1000000000/minute"
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
