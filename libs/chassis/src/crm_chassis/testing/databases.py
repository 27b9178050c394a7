"""Databases of a test: a migrated template per service, cloned in a tenth of a second."""

import fcntl
import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crm_chassis.testing.roles import environment
from crm_chassis.testing.servers import Servers, with_path

TABLES = (
    "SELECT format('public.%I', relname) FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    " AND NOT relispartition AND relname NOT LIKE '%alembic_version%'"
)
SEEDED = "SELECT tablename FROM pg_tables WHERE schemaname = 'seed'"
UNAUDITED = (
    "SELECT o.type FROM outbox o LEFT JOIN audit a ON a.id = o.id AND a.object_id = o.subject"
    " AND a.version = o.subject_version WHERE a.values_hash IS NULL"
)
EXTENSIONS = ("pg_trgm", "unaccent", "citext")


def fresh(servers: Servers, service: str) -> str:
    """Return the URL of a new database that holds a service's migrated, empty tables."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    source = template(servers, service)
    execute(servers.pg_url, f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    return with_path(servers.pg_url, name)


def drop(servers: Servers, url: str) -> None:
    name = urlsplit(url).path[1:]
    execute(servers.pg_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def truncate(url: str) -> None:
    """Bring all tables back to what the migrations left: isolation in milliseconds.

    Identities restart; rows a migration wrote come back; the migrations' own table stays.
    """
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        tables = [row[0] for row in connection.execute(TABLES).fetchall()]
        if tables:
            connection.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
        for (name,) in connection.execute(SEEDED).fetchall():
            insert = 'INSERT INTO public."{0}" OVERRIDING SYSTEM VALUE SELECT * FROM seed."{0}"'
            connection.execute(insert.format(name))


def unaudited(url: str) -> list[Any]:
    """Return the types of facts that were told without their audit row."""
    return rows(url, UNAUDITED)


def template(servers: Servers, service: str) -> str:
    """Return the migrated template database, made by the first worker that asks."""
    name = f"template_{service}_{migrations_print(service)}"
    with exclusive(f"{name}-{urlsplit(servers.pg_url).port}"):
        if not rows(servers.pg_url, "SELECT 1 FROM pg_database WHERE datname = %s", name):
            build_template(servers, service, name)
    return name


def build_template(servers: Servers, service: str, name: str) -> None:
    """Migrate under another name and rename at the end: a template that exists is complete."""
    building = f"{name}_building"
    execute(servers.pg_url, f'DROP DATABASE IF EXISTS "{building}" WITH (FORCE)')
    execute(servers.pg_url, f'CREATE DATABASE "{building}"')
    url = with_path(servers.pg_url, building)
    execute(url, *(f"CREATE EXTENSION {extension}" for extension in EXTENSIONS))
    words = [sys.executable, "-m", f"crm_{service}", "migrate"]
    env = environment(service, url, servers.amqp_url)
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words[1:])} ended with {done.returncode}\n{done.stderr}")
    keep_seed(url)
    execute(servers.pg_url, f'ALTER DATABASE "{building}" RENAME TO "{name}"')


def keep_seed(url: str) -> None:
    """Remember, in a schema of their own, the rows that migrations wrote."""
    execute(url, "CREATE SCHEMA seed")
    for (table,) in rows(url, TABLES):
        if rows(url, f"SELECT 1 FROM {table} LIMIT 1"):
            name = table.removeprefix("public.")
            execute(url, f"CREATE TABLE seed.{name} AS TABLE {table}")


def migrations_print(service: str) -> str:
    """Fingerprint of a service's migrations and of the chassis tables they create."""
    package = importlib.util.find_spec(f"crm_{service}")
    if package is None or package.origin is None:
        raise RuntimeError(f"crm_{service} is not installed: run `make test`")
    origin = Path(package.origin)
    folders = (origin.parent, origin.parents[2])
    files = [f for folder in folders for f in folder.glob("migrations/**/*.py")]
    files += Path(__file__).parents[1].glob("db/*")
    files.append(Path(__file__))
    contents = sorted(f.read_bytes() for f in files if f.is_file())
    return hashlib.sha256(b"\0".join(contents)).hexdigest()[:10]


def execute(url: str, *statements: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def rows(url: str, query: str, *values: object) -> list[Any]:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query, values or None).fetchall()


@contextmanager
def exclusive(name: str) -> Iterator[None]:
    """Let one test worker of the machine in at a time."""
    with (Path(tempfile.gettempdir()) / f"{name}-{os.getuid()}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
