"""What waits in a service: facts unsent, messages parked, how fresh each producer's word is."""

from typing import Any

from crm_chassis.records.server import connect


def status(database_url: str) -> dict[str, Any]:
    """Return the depth and age of the outbox, parked messages and watermarks."""
    with connect(database_url) as connection:
        depth, oldest = connection.execute(_OUTBOX).fetchone() or (0, None)
        waiting = connection.execute(_PARKED).fetchall()
        marks = connection.execute("select service, at from watermark order by 1").fetchall()
    return {
        "outbox_depth": depth,
        "outbox_oldest_at": oldest,
        "parked": [{"consumer": c, "cause": why, "messages": n} for c, why, n in waiting],
        "watermarks": dict(marks),
    }


_OUTBOX = "select count(*), min(created_at) from outbox where sent_at is null"
_PARKED = """
select consumer, cause, count(*) from parked where state = 'waiting' group by 1, 2 order by 1, 2
"""
