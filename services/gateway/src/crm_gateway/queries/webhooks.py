"""Webhooks, how far facts were gathered for them, and how their receivers do."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from crm_chassis.problems import NotFound
from crm_gateway.model import Webhook

SORTS = {"name": Webhook.name, "created_at": Webhook.created_at}


def webhooks() -> Select[Any]:
    """Return the statement of live webhooks."""
    return select(Webhook).where(Webhook.archived_at.is_(None))


def for_update(session: Session, webhook_id: UUID) -> Webhook:
    """Return the locked webhook. Raises NotFound."""
    found = session.scalar(select(Webhook).where(Webhook.id == webhook_id).with_for_update())
    if found is None:
        raise NotFound(f"webhook {webhook_id}")
    return found


def webhook(session: Session, webhook_id: UUID) -> Webhook:
    """Return a webhook. Raises NotFound."""
    found = session.get(Webhook, webhook_id)
    if found is None:
        raise NotFound(f"webhook {webhook_id}")
    return found


def live(session: Session) -> list[Webhook]:
    """Return all live webhooks."""
    return list(session.scalars(webhooks().order_by(Webhook.id)))


def cursors(session: Session) -> dict[str, str]:
    """Return how far each service's facts were gathered."""
    rows = session.execute(text("select service, cursor from webhook_source"))
    return {row.service: row.cursor for row in rows}


def gathered(session: Session) -> dict[str, datetime]:
    """Return when each service's facts were last asked for."""
    rows = session.execute(text("select service, gathered_at from webhook_source"))
    return {row.service: row.gathered_at for row in rows}


def move_cursor(session: Session, service: str, cursor: str, *, now: datetime) -> None:
    """Remember how far a service's facts were gathered."""
    session.execute(text(_MOVE), {"service": service, "cursor": cursor, "now": now})


def note_health(
    session: Session, webhook_id: UUID, *, streak: int, rests_until: datetime | None,
    ok_at: datetime | None, fault_at: datetime | None, fault: str | None,
) -> None:  # fmt: skip
    """Remember how a receiver does."""
    session.execute(text(_HEALTH), {
        "webhook": webhook_id, "streak": streak, "rests": rests_until, "ok": ok_at,
        "fault_at": fault_at, "fault": fault,
    })  # fmt: skip


def streak(session: Session, webhook_id: UUID) -> int:
    """Return how many failures in a row a receiver had; its row is locked."""
    found = session.scalar(
        text("select streak from webhook_health where webhook_id = :id for update"),
        {"id": webhook_id},
    )
    return found or 0


def health(session: Session) -> dict[UUID, dict[str, Any]]:
    """Return how each receiver does, and how much waits for it."""
    rows = session.execute(text(_HEALTHS)).mappings()
    return {row["webhook_id"]: dict(row) for row in rows}


def wake(session: Session, webhook_id: UUID, *, now: datetime) -> None:
    """Try at once what waits for a receiver."""
    values = {"webhook": webhook_id, "now": now}
    session.execute(text("delete from webhook_health where webhook_id = :webhook"), values)
    session.execute(text(_WAKE), values)


def begin_replay(session: Session, values: Mapping[str, Any]) -> None:
    """Keep a replay to be done."""
    session.execute(text(_BEGIN_REPLAY), values)


def replay(session: Session, webhook_id: UUID, replay_id: UUID) -> dict[str, Any]:
    """Return a replay. Raises NotFound."""
    values = {"webhook": webhook_id, "id": replay_id}
    row = session.execute(text(_REPLAY), values).mappings().one_or_none()
    if row is None:
        raise NotFound(f"replay {replay_id}")
    return dict(row)


def next_replay(session: Session) -> dict[str, Any] | None:
    """Return the oldest replay that is not done."""
    row = session.execute(text(_NEXT_REPLAY)).mappings().one_or_none()
    return dict(row) if row else None


def note_replay(session: Session, replay_id: UUID, values: Mapping[str, Any]) -> None:
    """Remember how far a replay is."""
    statement = text(_NOTE_REPLAY).bindparams(bindparam("cursors", type_=JSONB))
    session.execute(statement, {"id": replay_id, **values})


_MOVE = """
insert into webhook_source (service, cursor, gathered_at) values (:service, :cursor, :now)
on conflict (service) do update set cursor = excluded.cursor, gathered_at = excluded.gathered_at
"""
_HEALTH = """
insert into webhook_health
    (webhook_id, streak, rests_until, last_ok_at, last_fault_at, last_fault)
values (:webhook, :streak, :rests, :ok, :fault_at, :fault)
on conflict (webhook_id) do update
set streak = excluded.streak, rests_until = excluded.rests_until,
    last_ok_at = coalesce(excluded.last_ok_at, webhook_health.last_ok_at),
    last_fault_at = coalesce(excluded.last_fault_at, webhook_health.last_fault_at),
    last_fault = coalesce(excluded.last_fault, webhook_health.last_fault)
"""
_HEALTHS = """
select webhook.id as webhook_id, coalesce(streak, 0) as streak, rests_until, last_ok_at,
       last_fault_at, last_fault,
       (select count(*) from (
            select 1 from webhook_delivery d
            where d.webhook_id = webhook.id and state = 'pending' limit 10001) waiting) as waiting
from webhook left join webhook_health on webhook_id = webhook.id
where archived_at is null
"""
_WAKE = """
update webhook_delivery set next_at = :now
where webhook_id = :webhook and state = 'pending' and next_at > :now
"""
_BEGIN_REPLAY = """
insert into webhook_replay
    (id, webhook_id, since, until, cursors, status, created_by, created_at)
values (:id, :webhook, :since, :until, '{}', 'queued', :actor, :now)
"""
_REPLAY = """
select id, webhook_id, since, until, status, done, message, created_at, created_by, ended_at
from webhook_replay where webhook_id = :webhook and id = :id
"""
_NEXT_REPLAY = """
select id, webhook_id, since, until, cursors, done from webhook_replay
where ended_at is null order by created_at limit 1
"""
_NOTE_REPLAY = """
update webhook_replay
set cursors = :cursors, status = :status, done = :done, message = :message, ended_at = :ended_at
where id = :id
"""
