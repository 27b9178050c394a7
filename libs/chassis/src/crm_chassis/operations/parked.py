"""Parked messages on the ops port: list by cause, show, try again, edit a copy, give up.

Every decision is kept in `operation`, in the decision's own transaction.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
import psycopg
from werkzeug.wrappers import Request, Response

import crm_contracts as contracts
from crm_chassis import clock
from crm_chassis.metrics import answer
from crm_chassis.operations import audit
from crm_chassis.records.server import connect

LARGEST_PAGE = 500
_LISTED = (
    "id", "consumer", "type", "subject", "cause", "detail", "attempts", "state", "parked_at",
    "next_try_at", "decided_at", "decided_by", "reason", "is_edited",
)  # fmt: skip
Connection = psycopg.Connection[Any]


def parked(database_url: str, request: Request) -> Response:
    """GET lists or shows, POST decides.

    `?id=` shows one whole; else a page of `?state=` (waiting), `?consumer=`, `?cause=`, `?after=`.
    POST {"action": "retry" | "discard" | "edit", which, "reason"?, "body"?}: which is "ids",
    "cause" and/or "consumer", or "all". Raises ValueError for an order that makes no sense.
    """
    with connect(database_url) as connection:
        if request.method == "POST":
            order = orjson.loads(request.get_data())
            actor = request.headers.get("X-CRM-Operator") or str(order.get("actor", "operator"))
            return answer(_decide(connection, order, actor=actor[:100]))
        if request.args.get("id"):
            row = connection.execute(_SHOW, (UUID(request.args["id"]),)).fetchone()
            return answer({"item": _shown(row) if row else None}, 200 if row else 404)
        return answer(_page(connection, request.args))


def _page(connection: Connection, args: Mapping[str, str]) -> dict[str, Any]:
    state, after = (
        args.get("state", "waiting"),
        UUID(args["after"]) if args.get("after") else UUID(int=0),
    )
    chosen = (args.get("consumer"), args.get("cause"))
    limit = min(int(args.get("limit", LARGEST_PAGE)), LARGEST_PAGE)
    values = (state, after, chosen[0], chosen[0], chosen[1], chosen[1], limit)
    rows = connection.execute(_LIST, values).fetchall()
    groups = connection.execute(_GROUPS, (state,)).fetchall()
    names = ("consumer", "cause", "messages", "oldest_at", "newest_at", "example", "detail")
    return {
        "groups": [dict(zip(names, row, strict=True)) for row in groups],
        "items": [dict(zip(_LISTED, row, strict=True)) for row in rows],
        "next": str(rows[-1][0]) if len(rows) == limit else None,
    }


def _shown(row: Sequence[Any]) -> dict[str, Any]:
    edited = bytes(row[-1]).decode(errors="replace") if row[-1] is not None else None
    return dict(zip(_LISTED, row[:-2], strict=True)) | {
        "body": bytes(row[-2]).decode(errors="replace"),
        "edited": edited,
    }


def _decide(connection: Connection, order: dict[str, Any], *, actor: str) -> dict[str, Any]:
    actions: dict[str, Callable[..., list[Any]]] = {
        "retry": _retry, "discard": _discard, "edit": _edit,
    }  # fmt: skip
    action = actions.get(order["action"])
    if action is None:
        raise ValueError("action is retry, edit or discard")
    with connection.transaction():
        done = action(connection, order, actor)
        for parked_id, consumer, cause in done:
            noted = _noted(order) | {"consumer": consumer, "cause": cause}
            audit.note(
                connection, actor=actor, action=f"parked {order['action']}",
                subject=str(parked_id), now=clock.now(), **noted,
            )  # fmt: skip
    return {"action": order["action"], "messages": len(done), "ids": [row[0] for row in done]}


def _noted(order: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the audit keeps of an order: never a body, it may name people."""
    noted = {"reason": order["reason"]} if order.get("reason") else {}
    if "body" in order:
        noted["sha256"] = hashlib.sha256(str(order["body"]).encode()).hexdigest()
    return noted


def _which(order: Mapping[str, Any]) -> tuple[Any, ...]:
    ids, cause, consumer = order.get("ids") or [], order.get("cause"), order.get("consumer")
    if not (ids or cause or consumer or order.get("all") is True):
        raise ValueError("name ids, a cause, a consumer, or all")
    wanted = [UUID(each) for each in ids]
    return (wanted or None, wanted, cause, cause, consumer, consumer)


def _retry(connection: Connection, order: dict[str, Any], actor: str) -> list[Any]:
    values = (clock.now(), actor, *_which(order))
    return connection.execute(_RETRY, values).fetchall()


def _discard(connection: Connection, order: dict[str, Any], actor: str) -> list[Any]:
    reason = str(order.get("reason") or "").strip()
    if not reason:
        raise ValueError("a discard needs a reason")
    values = (clock.now(), actor, reason, *_which(order))
    return connection.execute(_DISCARD, values).fetchall()


def _edit(connection: Connection, order: dict[str, Any], actor: str) -> list[Any]:
    """Keep an edited copy beside the original and have it tried now. Raises ValueError."""
    body, (parked_id,) = str(order["body"]).encode(), order["ids"]
    row = connection.execute(_EVENT, (UUID(parked_id),)).fetchone()
    try:
        event_id = contracts.decode(body).id
    except contracts.ContractError as error:
        raise ValueError(f"the edited body is no fact: {error}") from error
    if row and row[0] not in {None, event_id}:
        raise ValueError("the edited body must keep the fact's id")
    values = (body, clock.now(), actor, UUID(parked_id))
    return connection.execute(_EDIT, values).fetchall()


_COLUMNS = """
id, consumer, type, subject, cause, detail, attempts, state, parked_at, next_try_at, decided_at,
decided_by, reason, edited is not null
"""
_LIST = f"""
select {_COLUMNS} from parked
where state = %s and id > %s and (%s::text is null or consumer = %s)
  and (%s::text is null or cause = %s) order by id limit %s
"""  # noqa: S608 - our own words
_GROUPS = """
select consumer, cause, count(*), min(parked_at), max(parked_at),
       (array_agg(id order by parked_at desc, id))[1],
       left((array_agg(detail order by parked_at desc, id))[1], 200)
from parked where state = %s group by 1, 2 order by 3 desc, 1, 2
"""
_SHOW = f"select {_COLUMNS}, body, edited from parked where id = %s"  # noqa: S608 - our own words
_WHICH = """
state = 'waiting' and (%s::uuid[] is null or id = any(%s)) and (%s::text is null or cause = %s)
  and (%s::text is null or consumer = %s)
"""
_RETRY = f"""
update parked set next_try_at = %s, decided_by = %s where {_WHICH} returning id, consumer, cause
"""  # noqa: S608 - our own words
_DISCARD = f"""
with dropped as (
    update parked set state = 'discarded', decided_at = %s, decided_by = %s, reason = %s,
                      next_try_at = null
    where {_WHICH} returning id, consumer, cause, event_id
), settled as (
    update inbox set state = 'discarded' from dropped
    where inbox.handler = dropped.consumer and inbox.event_id = dropped.event_id
)
select id, consumer, cause from dropped
"""  # noqa: S608 - our own words
_EVENT = "select event_id from parked where id = %s"
_EDIT = """
update parked set edited = %s, next_try_at = %s, decided_by = %s
where id = %s and state = 'waiting' returning id, consumer, cause
"""
