"""Filling, comparing and clearing every copy of a service."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import psycopg

from crm_chassis import clock, logs, metrics, records
from crm_chassis.operations.jobs import Progress
from crm_chassis.records import Kept, Peers
from crm_chassis.records.server import connect

COMPARED_EVERY = timedelta(minutes=15)
_PLACEHOLDER_PATIENCE = timedelta(minutes=10)
log = logs.get(__name__)


def resync(
    folders: Sequence[Kept], peers: Peers, database_url: str, *, progress: Progress
) -> dict[str, int]:
    """Fill or repair every copy, and remove ghosts; return how many records were read."""
    progress.expect(sum(records.count(folder, peers) for folder in folders))
    read = 0
    for folder in folders:
        reach = partial(_reach, progress, read)
        read += records.resync(folder, peers, database_url, progress=reach)
    return {"read": read, "ghosts_removed": drop_ghosts(folders, peers, database_url)}


class Comparing:
    """Compares with the sources now and then: a chore of the work role."""

    def __init__(self, verify: Callable[[], object]) -> None:
        """`verify` remembers what it finds."""
        self._verify = verify
        self._due = clock.now() + COMPARED_EVERY

    def __call__(self, _sessions: object, now: datetime) -> None:
        """Compare when it is time; a source that is away is asked next time."""
        if now < self._due:
            return
        self._due = now + COMPARED_EVERY
        try:
            self._verify()
        except records.PeerAway as error:
            log.warning("comparison put off", extra={"cause": str(error)})


def remember(connection: psycopg.Connection[Any], what: str, differences: int) -> None:
    """Keep what a comparison found, for `status` and the metrics."""
    connection.execute(_REMEMBER, (what, clock.now(), differences))
    metrics.divergence_found.labels(what).inc(differences)


def _reach(progress: Progress, behind: int, kind: str, done: int) -> None:
    progress.reach(kind, behind + done)


def drop_ghosts(folders: Sequence[Kept], peers: Peers, database_url: str) -> int:
    """Remove what is kept of records their owners do not know; return how many."""
    return sum(records.drop_ghosts(folder, peers, database_url) for folder in folders)


def verify(folders: Sequence[Kept], peers: Peers, database_url: str) -> dict[str, Any]:
    """Compare every copy with its source; 0 differences is the only pass."""
    found = [d for folder in folders for d in records.verify(folder, peers, database_url)]
    before = clock.now() - _PLACEHOLDER_PATIENCE
    with connect(database_url) as connection:
        remember(connection, "copies", len(found))
        overdue = sum(
            folder.overdue_placeholders(connection, before=before)
            for folder in folders
            if hasattr(folder, "overdue_placeholders")
        )
    return {
        "differences": len(found),
        "overdue_placeholders": overdue,
        "items": [asdict(difference) for difference in found[:100]],
    }


_REMEMBER = """
insert into verification (what, at, differences) values (%s, %s, %s)
on conflict (what) do update set at = excluded.at, differences = excluded.differences
"""
