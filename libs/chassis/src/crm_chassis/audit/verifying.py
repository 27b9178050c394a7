"""Computing the chain anew: which row, if any, is not as it was sealed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg

from crm_chassis import clock
from crm_chassis.audit import chain, sealing

AT_ONCE = 1000
_ROW = len(chain.COLUMNS)
Connection = psycopg.Connection[Any]
Reached = Any


@dataclass(slots=True)
class _Walk:
    """How far the chain has been followed, and what was found."""

    now: datetime
    before: bytes = chain.START
    counts: dict[str, int] = field(
        default_factory=lambda: {"sealed": 0, "values_erased": 0, "forgotten": 0}
    )

    def check(self, row: Sequence[Any], seal: Sequence[Any], stored: bytes | None) -> str | None:
        """Return what is wrong with one row, and go on to the next."""
        seq, expires_at, digest, hash_ = seal
        if seq is None:
            return "has no seal"
        if bytes(hash_) != chain.link(self.before, seq, expires_at, bytes(digest)):
            return "its seal does not continue the chain"
        self.before = bytes(hash_)
        self.counts["sealed"] += 1
        return self._row(row, expires_at, bytes(digest), stored)

    def _row(
        self, row: Sequence[Any], expires_at: datetime | None, digest: bytes, stored: bytes | None
    ) -> str | None:
        if row[0] is None:
            if expires_at is None or expires_at > self.now:
                return "is missing"
            self.counts["forgotten"] += 1
            return None
        if chain.digest(row) != digest:
            return "was changed"
        sealed = row[chain.COLUMNS.index("values_hash")]
        if sealed is not None and stored is None:
            self.counts["values_erased"] += 1
        elif stored is not None and stored != sealed:
            return "its values were changed"
        return None


def verify(connection: Connection, *, reached: Any = None) -> dict[str, Any]:
    """Follow the chain to its head; `broken` names the first row that is not as it was sealed.

    Values that were erased are counted and no fault, neither are rows that were kept for a time
    which is over. What was not sealed yet is counted as `unsealed`. `reached(what, done)` is told.
    """
    last = sealing.newest(connection)
    walk, found = _Walk(clock.now()), None
    until = last.seq if last else 0
    for each in _pairs(connection, until):
        row, seal, stored = each[:_ROW], each[_ROW : _ROW + 4], each[-1]
        why = walk.check(row, seal, None if stored is None else bytes(stored))
        if why:
            found = _broken(row, seal, why)
            break
        if reached and walk.counts["sealed"] % AT_ONCE == 0:
            reached("rows", walk.counts["sealed"])
    head = sealing.head(connection)
    return {**walk.counts, "unsealed": head["unsealed"], "broken": found, "head": head}


def _pairs(connection: Connection, until: int) -> Iterator[Sequence[Any]]:
    """Yield rows with their seals and the hash of the values kept, in order; either may lack."""
    after = 0
    while after < until:
        found = connection.execute(_PAIRS, {"after": after, "until": until, "n": AT_ONCE})
        page = found.fetchall()
        yield from page
        if not page:
            return
        after = page[-1][0] if page[-1][0] is not None else page[-1][_ROW]


def _broken(row: Sequence[Any], seal: Sequence[Any], why: str) -> dict[str, Any]:
    known = dict(zip(chain.COLUMNS, row, strict=True))
    shown = {name: known[name] for name in ("action", "kind", "object_id", "at")}
    return {"seq": row[0] if row[0] is not None else seal[0], "why": why, **shown}


# Both sides are cut at the same place: the n-th of all that is there on either side.
_PAIRS = f"""
with bound as (
    select max(seq) as last from (
        select seq from (
            (select seq from audit where seq > %(after)s and seq <= %(until)s order by seq limit %(n)s)
            union
            (select seq from audit_seal where seq > %(after)s and seq <= %(until)s
             order by seq limit %(n)s)
        ) either order by seq limit %(n)s) next_ones
)
select {chain.SELECTED}, s.seq, s.expires_at, s.digest, s.hash,
       case when v.salt is not null then audit_values_hash(v.salt, v.old, v.new) end
from (select * from audit where seq > %(after)s and seq <= (select last from bound)) a
full join (select * from audit_seal where seq > %(after)s and seq <= (select last from bound)) s
    on s.seq = a.seq
left join history_value v on v.fact_id = a.id
order by coalesce(a.seq, s.seq)
"""  # noqa: S608 - our own words
