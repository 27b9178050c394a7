"""Fixtures of the chassis's tests: a database with every spine table and one aggregate."""

import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import psycopg
import pytest
from libs.chassis.tests.factories import TABLE
from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import db
from crm_chassis.testing import truncate


@dataclass(frozen=True)
class Spine:
    """One database and how the code under test opens it."""

    url: str
    sessions: sessionmaker[Session]


@pytest.fixture(scope="module")
def spine_database(database: Callable[[str], str]) -> str:
    url = database("gateway")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TABLE)
    return url


@pytest.fixture
def spine(spine_database: str) -> Iterator[Spine]:
    """Yield an empty database; what a test wrote is gone before the next."""
    engine = db.engine(spine_database, pool_size=4, application="crm-test")
    yield Spine(spine_database, db.sessions(engine))
    engine.dispose()
    truncate(spine_database)


@pytest.fixture
def processes() -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    """`processes(words, env=…)` starts a process that does not outlive the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(words: Sequence[str], *, env: dict[str, str]) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
