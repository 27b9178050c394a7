"""Facts kept for webhooks, and the sending of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from crm_chassis.problems import NotFound

DELETED_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Due:
    """A fact to be sent now, how often it was tried before, and until when it is tried."""

    id: int
    fact_id: UUID
    attempts: int
    expires_at: datetime
    body: bytes


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try and what came of it: a status, or a fault that left none."""

    fact_id: UUID
    at: datetime
    took_ms: int
    status: int | None
    fault: str | None
    answer: str | None


def keep_facts(session: Session, facts: Sequence[Mapping[str, Any]]) -> None:
    """Keep facts that are not kept yet."""
    if facts:
        session.execute(text(_KEEP_FACT), facts)


def queue(session: Session, deliveries: Sequence[Mapping[str, Any]], *, again: bool = False) -> int:
    """Queue deliveries once each; `again` also those that were sent before. Return how many."""
    statement = text(_QUEUE + (_AGAIN if again else "do nothing"))
    return _count(session.execute(statement, {"rows": orjson.dumps(deliveries).decode()}))


def ready(session: Session, *, now: datetime) -> list[tuple[UUID, int]]:
    """Return (webhook, failures in a row) of those that something can be sent to now."""
    rows = session.execute(text(_READY), {"now": now})
    return [(row.id, row.streak) for row in rows]


def take(
    session: Session, webhook_id: UUID, *, limit: int, now: datetime, lease: timedelta
) -> list[Due]:
    """Take what is due for a webhook, nothing before what precedes it of the same record."""
    values = {"webhook": webhook_id, "limit": limit, "now": now, "until": now + lease}
    rows = session.execute(text(_TAKE), values)
    return [Due(row.id, row.fact_id, row.attempts, row.expires_at, row.body) for row in rows]


def settle(session: Session, deliveries: Sequence[Mapping[str, Any]]) -> None:
    """Record what became of deliveries: state, status, fault, when next."""
    session.execute(text(_SETTLE), deliveries)


def log_attempts(session: Session, webhook_id: UUID, attempts: Sequence[Attempt]) -> None:
    """Keep the tries of deliveries."""
    rows = [
        {"webhook": webhook_id} | {name: getattr(each, name) for name in Attempt.__slots__}
        for each in attempts
    ]
    session.execute(text(_LOG), rows)


def give_up(session: Session, *, now: datetime) -> int:
    """Fail what was tried long enough. Return how many."""
    return _count(session.execute(text(_GIVE_UP), {"now": now}))


def forget(session: Session, *, before: datetime) -> int:
    """Forget facts that need not be kept any more, with their deliveries. Return how many."""
    values = {"before": before, "most": DELETED_AT_ONCE}
    session.execute(text(_FORGET_ATTEMPTS), values)
    return _count(session.execute(text(_FORGET), values))


def deliveries(
    session: Session, webhook_id: UUID, *, states: Sequence[str], before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Return deliveries, the newest first."""
    values = {"webhook": webhook_id, "states": list(states), "before": before, "limit": limit}
    return [dict(row) for row in session.execute(text(_SHOWN + _OF_STATE), values).mappings()]


def delivery(session: Session, webhook_id: UUID, fact_id: UUID) -> dict[str, Any]:
    """Return one delivery with its tries and the fact as it is sent. Raises NotFound."""
    values = {"webhook": webhook_id, "fact": fact_id}
    row = session.execute(text(_SHOWN + _ONE), values).mappings().one_or_none()
    if row is None:
        raise NotFound(f"delivery {fact_id}")
    attempts = session.execute(text(_ATTEMPTS), values).mappings()
    return {**row, "tries": [dict(each) for each in attempts]}


def facts_after(
    session: Session, webhook_id: UUID, *, after: int, limit: int
) -> list[tuple[int, bytes]]:
    """Return (position, fact) of what a webhook wants, in the order it was kept."""
    values = {"webhook": webhook_id, "after": after, "limit": limit}
    return [(row.id, row.body) for row in session.execute(text(_FACTS_AFTER), values)]


def _count(result: Any) -> int:
    return int(result.rowcount)


_KEEP_FACT = """
insert into webhook_fact (id, type, subject, subject_version, at, body, kept_at)
values (:id, :type, :subject, :subject_version, :at, :body, :now)
on conflict (id) do update set kept_at = excluded.kept_at
"""
_QUEUE = """
insert into webhook_delivery
    (webhook_id, fact_id, subject, subject_version, state, next_at, expires_at)
select webhook, id, subject, subject_version, state, now, expires
from jsonb_to_recordset(cast(:rows as jsonb)) as given(
    webhook uuid, id uuid, subject uuid, subject_version bigint, state text, now timestamptz,
    expires timestamptz)
on conflict (webhook_id, fact_id) """
_READY = """
select webhook.id, coalesce(streak, 0) as streak
from webhook left join webhook_health on webhook_id = webhook.id
where archived_at is null and active and url is not null
  and (rests_until is null or rests_until <= :now)
  and exists (
    select 1 from webhook_delivery d
    where d.webhook_id = webhook.id and state = 'pending' and next_at <= :now
      and (taken_until is null or taken_until <= :now)
  )
order by webhook.id
"""
_TAKE = """
with due as (
    select id from webhook_delivery d
    where webhook_id = :webhook and state = 'pending' and next_at <= :now
      and (taken_until is null or taken_until <= :now)
      and not exists (
        select 1 from webhook_delivery earlier
        where earlier.webhook_id = d.webhook_id and earlier.subject = d.subject
          and earlier.state = 'pending'
          and (earlier.subject_version, earlier.id) < (d.subject_version, d.id)
      )
    order by next_at, id limit :limit for update skip locked
), taken as (
    update webhook_delivery d set taken_until = :until, attempts = attempts + 1
    from due where d.id = due.id
    returning d.id, d.fact_id, d.attempts, d.expires_at
)
select taken.id, fact_id, attempts, expires_at, body
from taken join webhook_fact on webhook_fact.id = fact_id order by taken.id
"""
_SETTLE = """
update webhook_delivery
set state = :state, status = :status, fault = :fault, next_at = :next_at, taken_until = null,
    settled_at = case when :state = 'pending' then null else cast(:now as timestamptz) end
where id = :id and state = 'pending'
"""
_LOG = """
insert into webhook_attempt (webhook_id, fact_id, at, took_ms, status, fault, answer)
values (:webhook, :fact_id, :at, :took_ms, :status, :fault, :answer)
"""
_GIVE_UP = """
update webhook_delivery
set state = 'failed', settled_at = :now, fault = coalesce(fault, 'not tried: nothing was sent')
where state = 'pending' and expires_at <= :now and (taken_until is null or taken_until <= :now)
"""
_FORGET_ATTEMPTS = """
delete from webhook_attempt
where id in (select id from webhook_attempt where at < :before order by at limit :most)
"""
_FORGET = """
delete from webhook_fact
where id in (select id from webhook_fact where kept_at < :before order by kept_at limit :most)
"""
_SHOWN = """
select d.id, fact_id, type, d.subject, d.subject_version, at, state, attempts, next_at, settled_at,
       status, fault, replays, body
from webhook_delivery d join webhook_fact f on f.id = fact_id where webhook_id = :webhook
"""
_ATTEMPTS = """
select at, took_ms, status, fault, answer from webhook_attempt
where webhook_id = :webhook and fact_id = :fact order by id desc limit 50
"""
_FACTS_AFTER = """
select d.id, body from webhook_delivery d join webhook_fact f on f.id = fact_id
where webhook_id = :webhook and d.id > :after order by d.id limit :limit
"""
_AGAIN = """do update
set state = excluded.state, next_at = excluded.next_at, expires_at = excluded.expires_at,
    attempts = 0, taken_until = null, settled_at = null, status = null, fault = null,
    replays = webhook_delivery.replays + 1
"""
_OF_STATE = """
  and state = any(:states) and (cast(:before as bigint) is null or d.id < :before)
order by d.id desc limit :limit
"""
_ONE = " and fact_id = :fact"
