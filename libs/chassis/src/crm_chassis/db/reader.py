"""Hot reads: one psycopg connection per thread, autocommit, ready bytes, no ORM."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg

from crm_chassis.db.connecting import connect

T = TypeVar("T")
_STATEMENT_SECONDS = 5


class Reader:
    """Runs functions over the calling thread's connection; one lost connection is replaced."""

    def __init__(self, url: str, *, application: str) -> None:
        """Connections are opened at first use."""
        self._url, self._application = url, application
        self._local = threading.local()

    def __call__(self, read: Callable[[psycopg.Connection[Any]], T]) -> T:
        """Return `read(connection)`; it may run twice, so it must only read."""
        return self._again(lambda: read(self._connection()))

    def hot(self, read: Callable[[psycopg.Cursor[Any]], T]) -> T:
        """Return `read(cursor)`: the thread's one cursor, binary, a third of the CPU of a new one.

        It must fetch all of one statement before it executes the next.
        """
        return self._again(lambda: read(self._cursor()))

    def _again(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except (psycopg.OperationalError, psycopg.InterfaceError):
            if self._connection_is_open():
                raise
            return read()

    def _cursor(self) -> psycopg.Cursor[Any]:
        connection = self._connection()
        cursor = getattr(self._local, "cursor", None)
        if cursor is None or cursor.connection is not connection:
            cursor = self._local.cursor = connection.cursor(binary=True)
        return cursor

    def _connection(self) -> psycopg.Connection[Any]:
        if not self._connection_is_open():
            self._local.connection = connect(
                self._url,
                application=self._application,
                statement_seconds=_STATEMENT_SECONDS,
                options={"default_transaction_read_only": "on"},
            )
        return self._local.connection  # type: ignore[no-any-return]

    def _connection_is_open(self) -> bool:
        connection = getattr(self._local, "connection", None)
        return connection is not None and not connection.closed
