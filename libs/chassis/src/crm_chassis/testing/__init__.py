"""pytest plugin: real databases and virtual hosts, one per module, cheap enough for every test.

Servers are those of CRM_TEST_PG_URL, CRM_TEST_AMQP_URL and CRM_TEST_AMQP_MANAGEMENT_URL (`make
test` sets them), else containers. Imports stay inside functions: the plugin loads in every run.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from crm_chassis.testing import databases, hosts
from crm_chassis.testing.databases import truncate, unaudited
from crm_chassis.testing.hosts import Vhost
from crm_chassis.testing.roles import OPS_TOKEN, environment, keys
from crm_chassis.testing.servers import Servers, containers
from crm_chassis.testing.waiting import free_port, wait_until

__all__ = [
    "OPS_TOKEN",
    "Servers",
    "Vhost",
    "environment",
    "free_port",
    "keys",
    "truncate",
    "unaudited",
    "wait_until",
]


def pytest_configure() -> None:
    """Let examples take their time: how long one takes says how busy the machine is."""
    with suppress(ImportError):
        from hypothesis import settings

        settings.register_profile("patient", deadline=None)
        settings.load_profile("patient")


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    names = ("CRM_TEST_PG_URL", "CRM_TEST_AMQP_URL", "CRM_TEST_AMQP_MANAGEMENT_URL")
    given = [os.environ.get(name, "") for name in names]
    if all(given):
        yield Servers(*given)
    else:
        with containers() as started:
            yield started


@pytest.fixture(scope="module")
def database(servers: Servers) -> Iterator[Callable[[str], str]]:
    """`database("sales")` returns the URL of a fresh migrated database, dropped after the module."""
    made: list[str] = []

    def make(service: str) -> str:
        url = databases.fresh(servers, service)
        made.append(url)
        return url

    yield make
    for url in made:
        databases.drop(servers, url)


@pytest.fixture(scope="module")
def vhost(servers: Servers) -> Iterator[Callable[[], Vhost]]:
    """`vhost()` returns a fresh virtual host with all exchanges, users and policies."""
    made: list[Vhost] = []

    def make() -> Vhost:
        host = hosts.fresh(servers)
        made.append(host)
        return host

    yield make
    for host in made:
        host.ask("DELETE", "/vhosts/{vhost}")
