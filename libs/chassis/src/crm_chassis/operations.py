"""What operators ask of a service on its ops port: parked messages, resync, verify, depth."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from werkzeug.wrappers import Request, Response

from crm_chassis import clock, records
from crm_chassis.metrics import Route, answer
from crm_chassis.records import Kept, Peers
from crm_chassis.records.server import connect
from crm_chassis.settings import Deployment

_PLACEHOLDER_PATIENCE = timedelta(minutes=10)


def routes(deployment: Deployment, folders: Sequence[Any]) -> dict[str, Route]:
    """Return the operators' routes of one service."""
    url = deployment.database_url
    peers = Peers(deployment.peers, ops_token=deployment.ops_token)
    return {
        "/internal/parked": lambda request: parked(url, request),
        "/internal/resync": lambda request: _posted(request, lambda: resync(folders, peers, url)),
        "/internal/verify": lambda _: answer(verify(folders, peers, url)),
        "/internal/status": lambda _: answer(status(url)),
    }


def parked(database_url: str, request: Request) -> Response:
    """GET lists (`?id=` shows one whole); POST {"action": retry|discard, "ids"|"cause"|"all"}."""
    with connect(database_url) as connection:
        if request.method == "POST":
            order = orjson.loads(request.get_data())
            done = connection.execute(*_decision(order)).rowcount
            return answer({"action": order["action"], "messages": done})
        if request.args.get("id"):
            row = connection.execute(_SHOW, (UUID(request.args["id"]),)).fetchone()
            return answer({"item": _shown(row) if row else None}, 200 if row else 404)
        rows = connection.execute(_LIST, (request.args.get("state", "waiting"),)).fetchall()
    names = (
        "id",
        "consumer",
        "type",
        "subject",
        "cause",
        "detail",
        "attempts",
        "parked_at",
        "next_try_at",
    )
    return answer({"items": [dict(zip(names, row, strict=True)) for row in rows]})


def resync(folders: Sequence[Kept], peers: Peers, database_url: str) -> Response:
    """Fill or repair every copy, and remove ghosts."""
    read = sum(records.resync(folder, peers, database_url) for folder in folders)
    ghosts = sum(records.drop_ghosts(folder, peers, database_url) for folder in folders)
    return answer({"read": read, "ghosts_removed": ghosts})


def verify(folders: Sequence[Kept], peers: Peers, database_url: str) -> dict[str, Any]:
    """Compare every copy with its source; 0 differences is the only pass."""
    found = [d for folder in folders for d in records.verify(folder, peers, database_url)]
    before = clock.now() - _PLACEHOLDER_PATIENCE
    with connect(database_url) as connection:
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


def _posted(request: Request, work: Callable[[], Response]) -> Response:
    return work() if request.method == "POST" else answer({"title": "POST to start it"}, 405)


def _decision(order: dict[str, Any]) -> tuple[str, tuple[Any, ...]]:
    now, by = clock.now(), str(order.get("actor", "operator"))
    ids, cause = [UUID(each) for each in order.get("ids", [])], order.get("cause")
    which = (ids, cause, bool(order.get("all")))
    if order["action"] == "retry":
        return _RETRY, (now, by, *which)
    if order["action"] == "discard":
        if not str(order.get("reason") or "").strip():
            raise ValueError("a discard needs a reason")
        return _DISCARD, (now, by, order["reason"], *which)
    raise ValueError("action is retry or discard")


def _shown(row: Sequence[Any]) -> dict[str, Any]:
    names = ("id", "consumer", "type", "subject", "cause", "detail", "attempts", "state", "parked_at",
             "next_try_at", "decided_at", "decided_by", "reason")  # fmt: skip
    return dict(zip(names, row[:-1], strict=True)) | {
        "body": bytes(row[-1]).decode(errors="replace")
    }


_LIST = """
select id, consumer, type, subject, cause, detail, attempts, parked_at, next_try_at from parked
where state = %s order by consumer, cause, parked_at limit 500
"""
_SHOW = """
select id, consumer, type, subject, cause, detail, attempts, state, parked_at, next_try_at,
       decided_at, decided_by, reason, body from parked where id = %s
"""
_RETRY = """
update parked set next_try_at = %s, decided_by = %s
where state = 'waiting' and (id = any(%s) or cause = %s or %s)
"""
_DISCARD = """
with dropped as (
    update parked set state = 'discarded', decided_at = %s, decided_by = %s, reason = %s,
                      next_try_at = null
    where state = 'waiting' and (id = any(%s) or cause = %s or %s)
    returning consumer, event_id
), settled as (
    update inbox set state = 'discarded' from dropped
    where inbox.handler = dropped.consumer and inbox.event_id = dropped.event_id
)
select from dropped
"""
_OUTBOX = "select count(*), min(created_at) from outbox where sent_at is null"
_PARKED = """
select consumer, cause, count(*) from parked where state = 'waiting' group by 1, 2 order by 1, 2
"""
