"""Noticing that messages went past a queue: each watermark names the one told before it.

A queue loses its bindings with an exchange that somebody deletes, and nobody is told: not the
queue's reader, nor the producer while any other queue takes its messages.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import psycopg

_REMEMBERED = 20


def is_broken(
    connection: psycopg.Connection[Any], queue: str, marks: Iterable[Mapping[str, Any]]
) -> bool:
    """Remember the watermarks that came; say whether one of them names one that never came.

    What came is remembered in the database: several processes may read one queue.
    """
    by_producer: dict[str, list[Mapping[str, Any]]] = {}
    for mark in marks:
        by_producer.setdefault(mark["service"], []).append(mark)
    found = [
        _is_missed(connection, queue, producer, by_producer[producer])
        for producer in sorted(by_producer)
    ]
    return any(found)


def forget(connection: psycopg.Connection[Any], queue: str) -> None:
    """Begin anew with a queue that is new: it is filled from its sources as it is."""
    connection.execute(_FORGET, (queue,))


def _is_missed(
    connection: psycopg.Connection[Any],
    queue: str,
    producer: str,
    marks: Iterable[Mapping[str, Any]],
) -> bool:
    row = connection.execute(_CAME, (queue, producer)).fetchone()
    came, is_missed = row[0].split() if row else [], False
    for mark in marks:
        before = mark.get("before")
        is_missed = is_missed or bool(came and before and before not in came)
        came.append(mark["at"])
    connection.execute(_REMEMBER, (queue, producer, " ".join(came[-_REMEMBERED:])))
    return is_missed


_CAME = "select position from registration where handler = %s and producer = %s for update"
_FORGET = "delete from registration where handler = %s and producer <> ''"
_REMEMBER = """
insert into registration (handler, producer, registered_at, position) values (%s, %s, now(), %s)
on conflict (handler, producer) do update set position = excluded.position
"""
