"""The servers of a test run: given by the environment, else containers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

import pytest


@dataclass(frozen=True, slots=True)
class Servers:
    """Administrators' addresses of the servers tests may fill and empty."""

    pg_url: str
    amqp_url: str
    management_url: str


def with_path(url: str, path: str) -> str:
    """Return a server's address pointed at another database or virtual host."""
    return urlunsplit(urlsplit(url)._replace(path="/" + quote(path, safe="")))


@contextmanager
def containers() -> Iterator[Servers]:
    """Start both servers in containers, or say what to do instead."""
    try:
        import docker

        docker.from_env(timeout=5).ping()
    except Exception:  # noqa: BLE001 - whatever the reason, there is no engine
        pytest.fail(
            "no servers for this test: run `make test` (it starts private ones)", pytrace=False
        )
    from testcontainers.postgres import PostgresContainer
    from testcontainers.rabbitmq import RabbitMqContainer

    with (
        PostgresContainer("postgres:18", driver=None) as pg,
        RabbitMqContainer(
            "rabbitmq:4-management", username="admin", password="admin"
        ).with_exposed_ports(5672, 15672) as mq,
    ):
        place = f"admin:admin@{mq.get_container_host_ip()}"
        amqp = f"amqp://{place}:{mq.get_exposed_port(5672)}"
        yield Servers(pg.get_connection_url(), amqp, f"http://{place}:{mq.get_exposed_port(15672)}")
