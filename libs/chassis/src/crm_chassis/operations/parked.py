"""Parked messages: listing, showing, deciding."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from werkzeug.wrappers import Request, Response

from crm_chassis import clock
from crm_chassis.metrics import answer
from crm_chassis.records.server import connect


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
