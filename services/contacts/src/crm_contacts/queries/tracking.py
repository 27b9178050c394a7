"""Reading types of events, and what a batch of events names."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from crm_chassis import db
from crm_contacts.model.event_type import EventType
from crm_contacts.model.interaction import Interaction

SORTS = {"created_at": EventType.created_at, "name": EventType.name.collate("C")}


def event_types(filters: Mapping[str, Any]) -> Select[Any]:
    """Types of events, live or archived."""
    is_live = EventType.archived_at.is_(None)
    return select(EventType).where(~is_live if filters["archived"] else is_live)


def types_named(session: Session, names: Iterable[str]) -> Mapping[str, EventType]:
    """The live types of events of these names."""
    statement = select(EventType).where(
        EventType.name.in_(set(names)), EventType.archived_at.is_(None)
    )
    return {kind.name: kind for kind in session.scalars(statement)}


def logged(session: Session, source: str, source_ids: Collection[str]) -> Mapping[str, UUID]:
    """What events of a source were logged as already, by the source's ids."""
    statement = select(Interaction.source_id, Interaction.id).where(
        Interaction.source_service == source, Interaction.source_id.in_(list(source_ids))
    )
    return {str(row.source_id): row.id for row in session.execute(statement)}


def taken(session: Session, actor: str, day: date, number: int) -> int:
    """Count as many more events for somebody on a day; return how many that makes."""
    row = db.cursor(session).execute(_TAKE, (actor, day, number)).fetchone()
    return int(row[0]) if row else 0


def forget_quotas(session: Session, *, before: date) -> int:
    """Forget what was counted on earlier days; return of how many."""
    return db.cursor(session).execute(_FORGET, (before,)).rowcount


_TAKE = """
insert into event_quota (actor, day, taken) values (%s, %s, %s)
on conflict (actor, day) do update set taken = event_quota.taken + excluded.taken
returning taken
"""
_FORGET = "delete from event_quota where day < %s"
