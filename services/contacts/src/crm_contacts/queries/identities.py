"""Reading visitors, and what passed between them and us."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from crm_chassis import db
from crm_contacts.model.contact import Contact
from crm_contacts.model.identity import Identity, SeenOn
from crm_contacts.model.interaction import Interaction
from crm_contacts.model.point import ContactPoint
from crm_contacts.model.values import PointKind, Subject

IDENTITY_SORTS = {
    "last_seen_at": Identity.last_seen_at,
    "first_seen_at": Identity.first_seen_at,
    "created_at": Identity.created_at,
}
_COLUMNS = ("channel", "value", "contact_id")


def identities(filters: Mapping[str, Any]) -> Select[Any]:
    """Visitors that pass the filters."""
    wanted = [
        getattr(Identity, name) == filters[name]
        for name in _COLUMNS
        if filters.get(name) is not None
    ]
    if (is_known := filters.get("identified")) is not None:
        stranger = Identity.contact_id.is_(None)
        wanted.append(~stranger if is_known else stranger)
    return select(Identity).where(*wanted)


def seen_as(session: Session, channel: SeenOn, value: str) -> Identity | None:
    """Who is called so on a channel, locked; whoever asks for the same waits for us."""
    name = f"identity {channel}\x1f{value}"
    db.cursor(session).execute(_RESERVE, (name,))
    same = (Identity.channel == channel, Identity.value == value)
    return session.scalar(select(Identity).where(*same).with_for_update())


def contacts_of(session: Session, visitor_ids: Iterable[UUID]) -> Mapping[UUID, UUID]:
    """Whom each of these visitors is, as far as known; meanwhile none of them is recognised."""
    wanted = sorted(set(visitor_ids))
    if not wanted:
        return {}
    cursor = db.cursor(session)
    cursor.execute(_HOLD_SHARED, (wanted,))
    return dict(cursor.execute(_CONTACTS, (wanted,)).fetchall())


def hold(session: Session, visitor_id: UUID) -> None:
    """Have nobody else write down what a visitor does; call it before anything is locked."""
    db.cursor(session).execute(_HOLD, (visitor_id,))


def contacts_reached_by(session: Session, kind: PointKind, value: str) -> Sequence[UUID]:
    """Live contacts that are reached by this, two of them at most."""
    statement = (
        select(ContactPoint.contact_id)
        .join(Contact, Contact.id == ContactPoint.contact_id)
        .where(
            ContactPoint.kind == kind,
            ContactPoint.value == value,
            Contact.archived_at.is_(None),
        )
    )
    return session.scalars(statement.order_by(ContactPoint.contact_id).limit(2)).all()


def interactions_of(session: Session, visitor_id: UUID) -> Sequence[Interaction]:
    """What passed between a visitor and us, locked in order of id."""
    named = Interaction.subjects.op("@>")((Subject(type="visitor", id=visitor_id),))
    statement = select(Interaction).where(named).order_by(Interaction.id)
    return session.scalars(statement.with_for_update()).all()


_RESERVE = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
_HOLD = "select pg_advisory_xact_lock(hashtextextended('visitor ' || %s::text, 0))"
_HOLD_SHARED = """
select pg_advisory_xact_lock_shared(hashtextextended('visitor ' || id, 0))
from (select id from unnest(%s::uuid[]) with ordinality as u(id, n) order by n) as ordered
"""
_CONTACTS = "select id, contact_id from identity where id = any(%s) and contact_id is not null"
