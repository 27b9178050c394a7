"""The proxy does to a link what it is told, and nothing else."""

import socket
import threading
import time
from contextlib import suppress

import pytest
from tests.chaos.links import Links, targets
from tests.chaos.proxy import MODES

from crm_chassis.testing import wait_until

pytestmark = pytest.mark.integration


@pytest.fixture
def echo():
    """Return the port of a server that sends back what it gets."""
    listener = socket.create_server(("127.0.0.1", 0))
    taken = []

    def talk(connection):
        try:
            while data := connection.recv(65536):
                connection.sendall(data)
        except OSError:
            return

    def accept():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            taken.append(connection)
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()
    for connection in taken:
        connection.close()


@pytest.fixture
def links(echo):
    with Links({"a.echo": ("127.0.0.1", echo), "b.echo": ("127.0.0.1", echo)}) as made:
        yield made


@pytest.fixture
def connect(links):
    opened = []

    def open_(link="a.echo"):
        made = socket.create_connection(("127.0.0.1", links.ports[link]), timeout=5)
        opened.append(made)
        return made

    yield open_
    for each in opened:
        each.close()


def heard(connection, text=b"ping"):
    """Say something; return what comes back, None for silence, b"" for an end."""
    try:
        connection.sendall(text)
        return connection.recv(65536)
    except TimeoutError:
        return None
    except OSError:
        return b""


def heard_anew(connect, *, patience):
    """Connect and say something; an end may come while connecting."""
    try:
        connection = connect()
    except ConnectionError:
        return b""
    connection.settimeout(patience)
    return heard(connection)


def test_by_itself_it_is_not_there(connect):
    assert b"ping" == heard(connect())


@pytest.mark.parametrize(
    ("mode", "value", "meanwhile"),
    [("stall", 0, None), ("half-open", 0, None), ("one-way", 0, None), ("cut", 0, b""),
     ("reset", 0, b"")],
)  # fmt: skip
def test_a_mode_is_felt_by_connections_there_are(links, connect, mode, value, meanwhile):
    connection, other = connect(), connect("b.echo")
    assert b"ping" == heard(connection)

    links.become("a.echo", mode, value)

    connection.settimeout(0.5 if meanwhile is None else 10)
    assert meanwhile == heard(connection)
    assert b"ping" == heard(other)


@pytest.mark.parametrize(
    ("mode", "meanwhile"), [("stall", None), ("half-open", None), ("cut", b""), ("reset", b"ping")]
)
def test_a_mode_is_felt_by_new_connections(links, connect, mode, meanwhile):
    links.become("a.echo", mode)

    assert meanwhile == heard_anew(connect, patience=0.5 if meanwhile is None else 10)


def test_what_was_stalled_arrives(links, connect):
    connection = connect()
    connection.settimeout(0.5)
    links.become("a.echo", "stall")
    assert heard(connection) is None
    connection.settimeout(60)

    links.become("a.echo", "pass")

    assert b"ping" == connection.recv(100)


@pytest.mark.parametrize("mode", sorted(MODES))
def test_new_connections_work_when_it_is_over(links, connect, mode):
    links.become("a.echo", mode, 100)
    with suppress(ConnectionError):
        connect()

    links.become("a.echo", "pass")

    wait_until(lambda: heard_anew(connect, patience=1) == b"ping", timeout=10)


def test_a_delay_is_kept_in_order(links, connect):
    connection = connect()
    links.become("a.echo", "delay", 0.1)
    began = time.monotonic()

    assert b"ping" == heard(connection)

    assert time.monotonic() - began >= 0.2


def test_a_throttled_link_crawls(links, connect):
    connection = connect()
    connection.settimeout(5)
    links.become("a.echo", "throttle", 1000)
    began = time.monotonic()

    for _ in range(3):
        assert b"x" * 100 == heard(connection, b"x" * 100)

    assert time.monotonic() - began >= 0.5


def test_every_address_of_a_role_is_led_through_its_link():
    env = {
        "CRM_DATABASE_URL": "postgresql://u:p@127.0.0.1:5432/crm",
        "CRM_AMQP_URL": "amqp://u:p@127.0.0.1:5672/crm",
        "CRM_PEERS": '{"sales": "http://127.0.0.1:9001"}',
        "CRM_HTTP_PORT": "8000",
    }
    found = targets([("contacts", env)])

    assert {
        "contacts.postgres": ("127.0.0.1", 5432),
        "contacts.amqp": ("127.0.0.1", 5672),
        "sales.ops": ("127.0.0.1", 9001),
    } == found
    with Links(found) as links:
        led = links.through("contacts", env)
        assert (
            f"postgresql://u:p@127.0.0.1:{links.ports['contacts.postgres']}/crm"
            == (led["CRM_DATABASE_URL"])
        )
        assert f":{links.ports['sales.ops']}" in led["CRM_PEERS"]
        assert "8000" == led["CRM_HTTP_PORT"]
