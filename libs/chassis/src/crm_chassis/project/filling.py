"""Filling a folder from its sources whenever its queue turned out to be new."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import psycopg

from crm_chassis import clock, crashpoints, logs

_BETWEEN_TRIES_SECONDS = 2.0
Connect = Callable[[], psycopg.Connection[Any]]
log = logs.get(__name__)


class Filling:
    """Remembers in the database that a queue's folder has to be filled, until it has been.

    What is due is named by its instant: a queue that is deleted again while its folder is being
    filled makes another filling due, and the one under way does not count for it.
    """

    def __init__(self, queue: str, fill: Callable[[], None], connect: Connect) -> None:
        """`fill` pulls every record of the folder's sources; it may take minutes and be repeated."""
        self._queue, self._fill, self._connect = queue, fill, connect
        self._one_at_a_time = threading.Lock()

    def mark(self, connection: psycopg.Connection[Any], *, is_new: bool) -> None:
        """Take down that the queue is new, before it is declared: a crash must not forget it."""
        if is_new or connection.execute(_KNOWN, (self._queue,)).fetchone() is None:
            connection.execute(_NOW_DUE, (self._queue, clock.now()))

    def begin(self, connection: psycopg.Connection[Any]) -> None:
        """Fill, on a thread of its own, what is due; the queue must collect already."""
        if self._due_since(connection):
            threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with self._one_at_a_time:
            while not self._is_done():
                threading.Event().wait(_BETWEEN_TRIES_SECONDS)

    def _is_done(self) -> bool:
        """Fill what is due and say whether nothing is due any more."""
        try:
            with self._connect() as connection:
                since = self._due_since(connection)
            if since is None:
                return True
            self._fill()
            crashpoints.reach("resync.before_done")
            with self._connect() as connection:
                connection.execute(_DONE, (self._queue, since))
                is_done = self._due_since(connection) is None
        except Exception as error:  # noqa: BLE001 - a source may be away: try until it is back
            log.warning("resync waits", extra={"queue": self._queue, "cause": repr(error)})
            return False
        log.info("copies filled", extra={"queue": self._queue})
        return is_done

    def _due_since(self, connection: psycopg.Connection[Any]) -> datetime | None:
        row = connection.execute(_DUE, (self._queue,)).fetchone()
        return row[0] if row else None


_KNOWN = "select from registration where handler = %s and producer = ''"
_NOW_DUE = """
insert into registration (handler, producer, registered_at, position) values (%s, '', %s, 'due')
on conflict (handler, producer) do update set position = 'due', registered_at = excluded.registered_at
"""
_DUE = """
select registered_at from registration where handler = %s and producer = '' and position = 'due'
"""
_DONE = """
update registration set position = 'done'
where handler = %s and producer = '' and registered_at = %s
"""
