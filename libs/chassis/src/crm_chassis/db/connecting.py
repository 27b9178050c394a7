"""Connections to PostgreSQL whose every wait ends: a server that falls silent counts as away."""

from collections.abc import Mapping
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

from crm_chassis import tracing

T = TypeVar("T")
_CONNECT_SECONDS = 5
# A server or link that says nothing for so long after its own limit is not going to.
_SILENCE_SECONDS = 3.0
_POLL_SECONDS = 0.1


class Connection(psycopg.Connection[Any]):
    """Gives up, and closes, when the server does not answer within `patience_seconds`."""

    patience_seconds: float | None = None

    def wait(
        self, gen: PQGen[T], interval: float = _POLL_SECONDS, timeout: float | None = None
    ) -> T:
        """Wait for the server; raises OperationalError without SQLSTATE when patience ends."""
        if timeout is not None:
            return super().wait(gen, interval=max(interval, timeout), timeout=timeout)
        try:
            return super().wait(gen, interval=interval, timeout=self.patience_seconds)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()
            raise


def connect(
    url: str,
    *,
    application: str,
    statement_seconds: float,
    options: Mapping[str, str] | None = None,
) -> Connection:
    """Return a connection in autocommit; no statement, and no wait for its answer, is endless."""
    wanted = {"statement_timeout": f"{statement_seconds:g}s", **(options or {})}
    made = Connection.connect(
        url,
        autocommit=True,
        connect_timeout=_CONNECT_SECONDS,
        application_name=application,
        options=" ".join(f"-c {name}={value}" for name, value in wanted.items()),
    )
    made.patience_seconds = statement_seconds + _SILENCE_SECONDS
    tracing.follow_statements(made)
    return made
