"""The plugin every other test stands on."""

import time

import pika
import psycopg
import pytest
from pika.exceptions import ChannelClosedByBroker

from crm_chassis.testing import truncate, wait_until

pytestmark = pytest.mark.integration


class TestDatabase:
    def test_is_migrated_empty_and_of_one_test_module(self, database):
        first, second = database("contacts"), database("contacts")

        with psycopg.connect(first) as connection:
            heads = connection.execute("select count(*) from alembic_version").fetchone()

        assert first != second
        assert heads == (1,)

    def test_clones_in_less_than_a_second(self, database):
        database("contacts")
        began = time.perf_counter()

        database("contacts")

        assert time.perf_counter() - began < 1

    def test_truncates_to_what_the_migrations_left(self, database):
        url = database("contacts")
        with psycopg.connect(url) as connection:
            connection.execute("insert into watermark values ('sales', now())")

        truncate(url)

        with psycopg.connect(url) as connection:
            assert connection.execute("select count(*) from watermark").fetchone() == (0,)
            assert connection.execute("select count(*) from relay_state").fetchone() == (1,)
            assert connection.execute("select count(*) from alembic_version").fetchone() == (1,)


class TestVhost:
    def test_has_the_topology_and_confines_a_service_to_its_names(self, vhost):
        host = vhost()

        with pika.BlockingConnection(pika.URLParameters(host.url_of("sales"))) as connection:
            connection.channel().exchange_declare("contacts.events", "topic", passive=True)
            with pytest.raises(ChannelClosedByBroker, match="ACCESS_REFUSED"):
                connection.channel().queue_declare("contacts.mine")


class TestWaitUntil:
    def test_names_what_never_came(self):
        with pytest.raises(TimeoutError, match="rain"):
            wait_until(lambda: False, timeout=0.05, what="rain")
