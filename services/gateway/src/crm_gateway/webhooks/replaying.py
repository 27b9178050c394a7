"""Sending again: single facts, a stretch of time, a fact made up for a test."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from crm_chassis import db, ids, logs
from crm_chassis.records import PeerAway
from crm_gateway.model import DeliveryState, Webhook
from crm_gateway.model.webhook import GIVEN_UP_AFTER
from crm_gateway.queries import deliveries as queue
from crm_gateway.queries import webhooks as queries
from crm_gateway.webhooks import gathering, wanting
from crm_gateway.webhooks.gathering import CLOCKWORK, Desk

TEST = "gateway.webhook.tested.v1"
_PAGES_AT_ONCE = 10
_STILL_UNDER_WAY = timedelta(seconds=10)  # what was told in time may be committed later
log = logs.get(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """Send again what a webhook wants of what was told from `since` until before `until`."""

    webhook_id: UUID
    since: datetime
    until: datetime
    actor: str
    replay_id: UUID = field(default_factory=ids.new)


def begin_replay(session: Session, command: Replay, *, now: datetime) -> UUID:
    """Keep the wish; `replay` does it. Raises NotFound."""
    queries.webhook(session, command.webhook_id)
    queries.begin_replay(session, {
        "id": command.replay_id, "webhook": command.webhook_id, "since": command.since,
        "until": command.until, "actor": command.actor, "now": now,
    })  # fmt: skip
    return command.replay_id


def ask_again(
    session: Session, webhook_id: UUID, fact_ids: Iterable[UUID], *, now: datetime
) -> int:
    """Send facts of the log again, at once. Raises NotFound when one is none of this webhook's."""
    webhook = queries.webhook(session, webhook_id)
    found = [queue.delivery(session, webhook_id, each) for each in dict.fromkeys(fact_ids)]
    state = DeliveryState.PENDING if webhook.url else DeliveryState.KEPT
    rows = [
        {
            "webhook": webhook_id, "id": each["fact_id"], "subject": each["subject"],
            "subject_version": each["subject_version"], "state": state, "now": now,
            "expires": now + GIVEN_UP_AFTER,
        }
        for each in found
    ]  # fmt: skip
    return queue.queue(session, rows, again=True)


def send_test(session: Session, webhook_id: UUID, *, actor: str, now: datetime) -> UUID:
    """Queue a fact made up for this webhook alone; return its id. Raises NotFound."""
    webhook, fact_id = queries.webhook(session, webhook_id), ids.new()
    body = orjson.dumps({
        "specversion": "1.0", "id": fact_id, "source": "/gateway", "type": TEST,
        "subject": webhook_id, "subjectversion": 0, "time": now, "actor": actor,
        "datacontenttype": "application/json", "data": {"record": {"id": webhook_id}},
    })  # fmt: skip
    fact = {
        "id": fact_id, "type": TEST, "subject": fact_id, "subject_version": 0, "at": now,
        "body": body, "now": now,
    }  # fmt: skip
    queue.keep_facts(session, [fact])
    state = DeliveryState.PENDING if webhook.url else DeliveryState.KEPT
    row = fact | {"webhook": webhook_id, "state": state, "expires": now + GIVEN_UP_AFTER}
    queue.queue(session, [{name: value for name, value in row.items() if name != "body"}])
    return fact_id


def replay(desk: Desk, *, now: datetime) -> None:
    """Go on with the oldest replay: some pages of each service's facts."""
    with desk.sessions() as session:
        wanted = queries.next_replay(session)
        webhook = queries.webhook(session, wanted["webhook_id"]) if wanted else None
    if wanted is None or webhook is None:
        return
    wish, cursors, away = wanting.wanted(webhook), dict(wanted["cursors"]), None
    done, done_with = int(wanted["done"]), True
    for service in _services(webhook):
        try:
            more, number = _pages(desk, service, wish, wanted | {"cursors": cursors}, now=now)
        except PeerAway as error:
            more, number, away = True, 0, str(error)
        done, done_with = done + number, done_with and not more
    with db.transaction(desk.sessions, CLOCKWORK) as session:
        status = "done" if done_with else "running"
        queries.note_replay(session, wanted["id"], {
            "cursors": cursors, "status": status, "done": done, "message": away,
            "ended_at": now if done_with else None,
        })  # fmt: skip


def _services(webhook: Webhook) -> list[str]:
    return sorted({name.partition(".")[0] for name in wanting.names_of(webhook.types)})


def _pages(
    desk: Desk, service: str, wish: wanting.Wanted, wanted: Mapping[str, Any], *, now: datetime
) -> tuple[bool, int]:
    """Queue some pages of a service's facts anew; return whether there are more, and how many."""
    cursors = wanted["cursors"]
    if cursors.get(service) == "end":
        return False, 0
    names = [each for each in wanting.names_of(wish.webhook.types) if each.startswith(service)]
    number = 0
    for _ in range(_PAGES_AT_ONCE):
        facts, after, more = desk.facts(
            service, names, after=cursors.get(service, ""), since=wanted["since"]
        )
        within = [(fact, body) for fact, body in facts if fact.time < wanted["until"]]
        number += _queue_again(desk, wish, within, now=now)
        is_behind = now < wanted["until"] + _STILL_UNDER_WAY
        cursors[service] = after if more or is_behind else "end"
        if not more:
            return is_behind, number
    return True, number


def _queue_again(desk: Desk, wish: wanting.Wanted, facts: gathering.Found, *, now: datetime) -> int:
    chosen = [(fact, body) for fact, body in facts if wish.takes(fact)]
    if not chosen:
        return 0
    with db.transaction(desk.sessions, CLOCKWORK) as session:
        queue.keep_facts(session, gathering.kept(chosen, now=now))
        rows = gathering.rows_of(wish.webhook, (fact for fact, _ in chosen), now=now)
        return queue.queue(session, rows, again=True)
