"""Reading merges, and who became whom."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, Select, Uuid, any_, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from crm_chassis import db
from crm_contacts.model.contact import Contact
from crm_contacts.model.duplicate import Duplicate, DuplicateStatus
from crm_contacts.model.merge import Merge

MERGE_SORTS = {"created_at": Merge.created_at}


def merges(filters: Mapping[str, Any]) -> Select[Any]:
    """Merges, of one contact if it is named, be it survivor or absorbed."""
    contact_id = filters.get("contact_id")
    if contact_id is None:
        return select(Merge)
    absorbed = Merge.absorbed_ids.op("@>")(literal([contact_id], ARRAY(Uuid)))
    return select(Merge).where(or_(Merge.survivor_id == contact_id, absorbed))


def survivors(session: Session, contact_ids: Iterable[UUID]) -> Mapping[UUID, UUID]:
    """Who each of the contacts is now; until this transaction ends, none of them is merged."""
    wanted = sorted(set(contact_ids))
    if not wanted:
        return {}
    rows = db.cursor(session).execute(_SURVIVORS, (wanted,))
    return {id_: merged_into or id_ for id_, merged_into in rows}


def contacts_for_update(session: Session, contact_ids: Collection[UUID]) -> Sequence[Contact]:
    """These contacts, locked in order of id."""
    statement = select(Contact).where(Contact.id.in_(list(contact_ids))).order_by(Contact.id)
    return session.scalars(statement.with_for_update()).all()


def absorbed_by(session: Session, contact_ids: Collection[UUID]) -> Sequence[Contact]:
    """Contacts that were merged into one of these, locked in order of id."""
    statement = select(Contact).where(Contact.merged_into_id.in_(list(contact_ids)))
    return session.scalars(statement.order_by(Contact.id).with_for_update()).all()


def open_pairs(session: Session, contact_ids: Collection[UUID]) -> Sequence[Duplicate]:
    """Pairs on the queue that any of these is part of, locked."""
    given = literal(list(contact_ids), ARRAY(Uuid))
    statement = select(Duplicate).where(
        Duplicate.status == DuplicateStatus.OPEN,
        or_(Duplicate.a_id == any_(given), Duplicate.b_id == any_(given)),
    )
    return session.scalars(statement.order_by(Duplicate.id).with_for_update()).all()


def pairs(session: Session, pair_ids: Collection[str]) -> Sequence[Duplicate]:
    """These pairs, locked."""
    wanted = [UUID(each) for each in pair_ids]
    statement = select(Duplicate).where(Duplicate.id.in_(wanted)).order_by(Duplicate.id)
    return session.scalars(statement.with_for_update()).all()


def awaiting(session: Session, contact_id: UUID, version: int, service: str) -> Merge | None:
    """The merge that waits for a service to follow what was told of a contact, locked."""
    wanted = literal([[str(contact_id), version, service]], JSONB)
    statement = select(Merge).where(Merge.awaited.op("@>")(wanted))
    return session.scalar(statement.order_by(Merge.id.desc()).limit(1).with_for_update())


def survivor_in(body: bytes) -> UUID | None:
    """Whose record to answer with in the place of a contact's, from its published body."""
    if b'"merged_into_id":null' in body:
        return None
    survivor = orjson.loads(body)["merged_into_id"]
    return UUID(survivor) if survivor else None


_SURVIVORS = """
select id, merged_into_id from contact where id = any(%s) order by id for share
"""
