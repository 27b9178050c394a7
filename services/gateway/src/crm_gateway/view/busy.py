"""Busy customers: composed at most every 200 ms on average, and never forgotten."""

import threading
import time
from collections.abc import Collection
from typing import Any
from uuid import UUID

import psycopg

from crm_chassis import clock, logs
from crm_chassis.records.server import connect
from crm_gateway.queries import view as queries
from crm_gateway.view.documents import PACE, lock, store

AT_ONCE = 25
_BURST = 4 * PACE  # five in a row are composed at once: a person's few clicks never wait
_SHARE = 3  # rest three times as long as it took: what is new must not wait for what is busy
_LEFT_BEHIND = 1.0  # seconds; what another process put off and did not live to compose
Connection = psycopg.Connection[Any]
log = logs.get(__name__)


def put_off(connection: Connection, customers: Collection[UUID]) -> set[UUID]:
    """Note the busy ones among locked customers for later; return them."""
    values = (_BURST, list(customers), clock.now() + _BURST)
    return {id_ for (id_,) in connection.execute(_PUT_OFF, values)}


class Composer:
    """Composes what was put off, on a connection of its own; runs beside the projectors."""

    queue = "gateway.view.busy"

    def __init__(self, database_url: str, *, woken: threading.Event) -> None:
        """`woken` is set by whoever in this process put customers off."""
        self._url, self._woken = database_url, woken
        self.state = "starting"

    def check(self) -> str | None:
        """Return why this composer is not at work."""
        return None if self.state == "composing" else self.state

    def run(self, stop: threading.Event) -> None:
        """Compose until `stop`; a database that is away is waited for."""
        while not stop.is_set():
            try:
                with connect(self._url) as connection:
                    self._compose(connection, stop)
            except psycopg.Error as error:
                self.state = f"waiting: {error}"
                log.warning("composer waits", extra={"cause": repr(error)})
                stop.wait(1.0)

    def _compose(self, connection: Connection, stop: threading.Event) -> None:
        self.state = "composing"
        while not stop.is_set():
            began = time.monotonic()
            composed = compose_due(connection)
            took = time.monotonic() - began
            if not composed and not self._woken.wait(_LEFT_BEHIND):
                continue
            self._woken.clear()
            stop.wait(max(PACE.total_seconds() / 4, _SHARE * took))


def compose_due(connection: Connection) -> int:
    """Compose the customers whose time has come; return how many."""
    due = queries.due_customers(connection, clock.now(), limit=AT_ONCE)
    if due:
        with connection.transaction():
            ordered = lock(connection, due)
            connection.execute("delete from view_stale where customer_id = any(%s)", (ordered,))
            store(connection, ordered)
    return len(due)


_PUT_OFF = """
insert into view_stale (customer_id, at)
select customer_id, paced_until - %s from customer_view
where customer_id = any(%s) and paced_until > %s order by customer_id
on conflict (customer_id) do update set at = view_stale.at
returning customer_id
"""
