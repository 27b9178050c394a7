"""A database of nobody's for the tests of the checks."""

import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo


@pytest.fixture(scope="module")
def own_database(servers: Any) -> Iterator[str]:
    name = f"chaos_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(servers.pg_url, autocommit=True) as server:
        server.execute(f"create database {name}".encode())
        yield make_conninfo(servers.pg_url, dbname=name)
        server.execute(f"drop database {name} with (force)".encode())


@pytest.fixture
def empty_database(own_database: str) -> str:
    with psycopg.connect(own_database, autocommit=True) as connection:
        connection.execute("drop schema public cascade; create schema public")
    return own_database
