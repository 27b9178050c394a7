"""Sealing rows into the chain after their commit, in the order of `seq`, none skipped."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from crm_chassis import crashpoints
from crm_chassis.audit import chain

AT_ONCE = 200
_BETWEEN_SECONDS = 1.0
Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Seal:
    """One link of the chain."""

    seq: int
    expires_at: datetime | None
    digest: bytes
    hash: bytes


class Sealing:
    """What the leading relay does beside sending: a short set at a time, once a second.

    Nothing is skipped: a transaction has its number before it takes a `seq`. So when all that had a
    number have ended, whatever `seq` had been taken by then is committed or will never be.
    """

    def __init__(self) -> None:
        """Begin with nothing awaited."""
        self._settled, self._due = 0, 0.0
        self._awaited: tuple[int, int] | None = None

    def run(self, connection: Connection) -> int:
        """Seal a set if it is time; return how many rows. At most one leader may call it."""
        if time.monotonic() < self._due:
            return 0
        self._look(connection)
        done = seal(connection, until=self._settled)
        if done < AT_ONCE:
            self._due = time.monotonic() + _BETWEEN_SECONDS
        return done

    def _look(self, connection: Connection) -> None:
        """Move on what is settled: what was taken, then a number of our own, then who runs still."""
        if self._awaited is None:
            (taken,) = connection.execute(_TAKEN).fetchone() or (0,)
            if taken <= self._settled:
                return
            (ours,) = connection.execute(_NUMBER).fetchone() or (0,)
            self._awaited = (taken, ours)
        (oldest,) = connection.execute(_OLDEST).fetchone() or (0,)
        if oldest >= self._awaited[1]:
            self._settled, self._awaited = self._awaited[0], None


def seal(connection: Connection, *, until: int) -> int:
    """Add the links of the next rows up to a `seq`, in one statement; return how many."""
    last = newest(connection)
    seq, before = (last.seq, last.hash) if last else (0, chain.START)
    made: list[Seal] = []
    for row in connection.execute(_UNSEALED, (seq, until, AT_ONCE)):
        digest, expires_at = chain.digest(row), row[-1]
        before = chain.link(before, row[0], expires_at, digest)
        made.append(Seal(row[0], expires_at, digest, before))
    if made:
        crashpoints.reach("seal.before_link")
        connection.execute(_SEAL, _columns(made))
        crashpoints.reach("seal.after_link")
    return len(made)


def newest(connection: Connection) -> Seal | None:
    """Return the last link."""
    row = connection.execute(_NEWEST).fetchone()
    return Seal(*row) if row else None


def head(connection: Connection, *, seq: int | None = None) -> dict[str, Any]:
    """Return the last link, or that of a `seq`, to be kept elsewhere; and how much waits."""
    row = connection.execute(_NEWEST if seq is None else _AT, () if seq is None else (seq,))
    found = row.fetchone()
    (waiting,) = connection.execute(_WAITING).fetchone() or (0,)
    return {
        "seq": found[0] if found else seq or 0,
        "hash": bytes(found[3]).hex() if found else None,
        "unsealed": waiting,
    }


def _columns(made: Sequence[Seal]) -> tuple[list[Any], ...]:
    return (
        [each.seq for each in made],
        [each.expires_at for each in made],
        [each.digest for each in made],
        [each.hash for each in made],
    )


_TAKEN = """
select coalesce(pg_sequence_last_value(pg_get_serial_sequence('audit', 'seq')::regclass), 0)
"""
_NUMBER = "select pg_current_xact_id()::text::bigint"
_OLDEST = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_UNSEALED = f"""
select {chain.SELECTED} from audit a where a.seq > %s and a.seq <= %s order by a.seq limit %s
"""  # noqa: S608 - our own words
_SEAL = """
insert into audit_seal (seq, expires_at, digest, hash)
select * from unnest(%s::bigint[], %s::timestamptz[], %s::bytea[], %s::bytea[])
"""
_NEWEST = "select seq, expires_at, digest, hash from audit_seal order by seq desc limit 1"
_AT = "select seq, expires_at, digest, hash from audit_seal where seq = %s"
_WAITING = """
select count(*) from audit where seq > (select coalesce(max(seq), 0) from audit_seal)
"""
