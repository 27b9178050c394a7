"""A database, or a link to it, that falls silent is given up in time."""

import socket
import sys
import threading
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from crm_chassis import db

pytestmark = pytest.mark.integration


@contextmanager
def stalling(url):
    """Yield the database's address through a link, and an event that ends all traffic on it."""
    parts, stalled = urlsplit(url), threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    sockets = [listener]

    def carry(source, target):
        with suppress(OSError):
            while data := _received(source):
                if stalled.is_set():
                    return
                target.sendall(data)

    def accept():
        while near := _accepted(listener):
            far = socket.create_connection((parts.hostname, parts.port))
            sockets.extend((near, far))
            for pair in ((near, far), (far, near)):
                threading.Thread(target=carry, args=pair, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    host = f"127.0.0.1:{listener.getsockname()[1]}"
    sign_in, at, _ = parts.netloc.rpartition("@")
    yield urlunsplit(parts._replace(netloc=f"{sign_in}{at}{host}")), stalled
    for each in sockets:
        each.close()


def _received(source):
    try:
        return source.recv(65536)
    except OSError:
        return b""


def _accepted(listener):
    try:
        return listener.accept()[0]
    except OSError:
        return None


def test_a_connection_is_given_up_and_closed(spine, monkeypatch):
    monkeypatch.setattr("crm_chassis.db.connecting._SILENCE_SECONDS", 0.2)
    with stalling(spine.url) as (url, stalled):
        connection = db.connect(url, application="test", statement_seconds=0.3)
        assert connection.execute("select 1").fetchone() == (1,)
        stalled.set()

        with pytest.raises(psycopg.OperationalError) as given_up:
            connection.execute("select 1")

        assert connection.closed
        assert db.is_infrastructure(given_up.value)


def test_a_pool_replaces_it(spine, monkeypatch):
    monkeypatch.setattr("crm_chassis.db.connecting._SILENCE_SECONDS", 0.2)
    monkeypatch.setattr(sys.modules[db.engine.__module__], "_STATEMENT_SECONDS", 0.3)
    monkeypatch.setattr(sys.modules[db.engine.__module__], "_RESTED_SECONDS", 0)
    with stalling(spine.url) as (url, stalled):
        engine = db.engine(url, pool_size=1)
        with engine.connect() as connection:
            assert connection.scalar(text("select 1")) == 1
        stalled.set()
        with pytest.raises(OperationalError), engine.connect() as connection:
            connection.scalar(text("select 1"))
        stalled.clear()

        with engine.connect() as connection:
            assert connection.scalar(text("select 2")) == 2
        engine.dispose()


def test_a_statement_has_its_own_time_before(spine):
    with db.connect(spine.url, application="test", statement_seconds=0.2) as connection:
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("select pg_sleep(5)")

        assert connection.execute("select 1").fetchone() == (1,)
