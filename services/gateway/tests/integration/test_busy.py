"""A busy customer is composed at a pace, and never left behind."""

import threading
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from services.gateway.tests import factories as make

from crm_chassis import clock
from crm_chassis.testing import wait_until
from crm_gateway.queries import view as queries
from crm_gateway.view import Composer, ViewFolder
from crm_gateway.view.busy import compose_due
from crm_gateway.view.operations import _stale
from crm_gateway.view.shapes import all_sources

pytestmark = pytest.mark.integration


@pytest.fixture
def put_off():
    return threading.Event()


@pytest.fixture
def rename(connection, put_off, monkeypatch):
    """`rename(contact, times=20)` folds a contact's changes at one instant; returns the last."""
    folder = ViewFolder(all_sources(), put_off=put_off)

    def run(contact, *, times):
        instant = clock.now()
        with monkeypatch.context() as still:
            still.setattr(clock, "now", lambda: instant)
            for version in range(1, times + 1):
                contact = replace(contact, name=f"Name {version}", version=version)
                with connection.transaction():
                    folder.fold(connection, [make.item(contact)])
        return contact

    return run


def shown_version(connection, contact):
    row = connection.execute(
        "select versions ->> %s from customer_view where customer_id = %s",
        (f"contact/{contact.id}", contact.id),
    ).fetchone()
    return row and int(row[0])


class TestBusyCustomers:
    def test_are_put_off_after_a_few_changes_in_a_row(self, connection, rename, put_off):
        few = rename(make.contact(), times=5)
        at_once = put_off.is_set()
        many = rename(make.contact(), times=20)

        assert (at_once, shown_version(connection, few)) == (False, 5)
        assert put_off.is_set()
        assert shown_version(connection, many) < 20

    def test_wait_the_longer_the_longer_their_document_is(self, connection, rename):
        short = rename(make.contact(), times=2)
        long = rename(make.contact(tags=("a long tag " * 4_000,)), times=2)

        query = "select extract(epoch from paced_until - composed_at) from customer_view where customer_id = %s"
        few, many = (connection.execute(query, (each.id,)).fetchone()[0] for each in (short, long))

        assert many > 5 * few > 0

    def test_are_not_stale_while_they_wait(self, connection, rename):
        busy = rename(make.contact(), times=20)

        waiting = _stale(connection, [busy.id])
        connection.execute("update view_stale set at = at - interval '1 minute'")
        forgotten = _stale(connection, [busy.id])

        assert (waiting, forgotten) == ([], [busy.id])

    def test_are_composed_when_their_time_has_come(self, connection, rename):
        busy = rename(make.contact(), times=20)
        waiting = queries.due_customers(connection, far_future(connection), limit=5)

        wait_until(lambda: compose_due(connection), timeout=5)

        assert waiting == [busy.id]
        assert shown_version(connection, busy) == 20
        assert queries.due_customers(connection, far_future(connection), limit=5) == []

    def test_are_composed_by_the_composer_left_behind_or_not(
        self, connection, database_url, rename, put_off
    ):
        left_behind = rename(make.contact(), times=20)
        put_off.clear()
        stop, composer = threading.Event(), Composer(database_url, woken=put_off)
        thread = threading.Thread(target=composer.run, args=(stop,))
        thread.start()
        try:
            wait_until(lambda: shown_version(connection, left_behind) == 20, timeout=10)
            told = rename(make.contact(), times=20)
            wait_until(lambda: shown_version(connection, told) == 20, timeout=10)
            assert composer.check() is None
        finally:
            stop.set()
            put_off.set()
            thread.join()

    def test_outlive_a_composer_whose_connection_is_cut(self, connection, database_url, put_off):
        stop, composer = threading.Event(), Composer(database_url, woken=put_off)
        thread = threading.Thread(target=composer.run, args=(stop,))
        thread.start()
        try:
            wait_until(lambda: composer.check() is None, timeout=5)
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
            put_off.set()
            wait_until(lambda: composer.check() is not None, timeout=5)
            wait_until(lambda: composer.check() is None, timeout=10)
        finally:
            stop.set()
            put_off.set()
            thread.join()


def far_future(connection: psycopg.Connection):
    return connection.execute("select now()").fetchone()[0] + timedelta(days=1)
