"""Reading merges, and who became whom."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, any_, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from crm_chassis import db
from crm_chassis.problems import NotFound
from crm_contacts.model.contact import Contact
from crm_contacts.model.duplicate import Duplicate, DuplicateStatus
from crm_contacts.model.merge import Merge
from crm_contacts.model.point import AccountContact

M = TypeVar("M", bound=db.Aggregate)
MERGE_SORTS = {"created_at": Merge.created_at}


def merges(filters: Mapping[str, Any]) -> Select[Any]:
    """Merges, of one contact or account if it is named, be it survivor or absorbed."""
    wanted = [filters[name] for name in ("contact_id", "account_id") if filters.get(name)]
    statement = select(Merge)
    for record_id in wanted:
        absorbed = Merge.absorbed_ids.op("@>")(literal([record_id], ARRAY(Uuid)))
        statement = statement.where(or_(Merge.survivor_id == record_id, absorbed))
    return statement


def survivors(session: Session, contact_ids: Iterable[UUID]) -> Mapping[UUID, UUID]:
    """Who each of the contacts is now; until this transaction ends, none of them is merged."""
    wanted = sorted(set(contact_ids))
    if not wanted:
        return {}
    rows = db.cursor(session).execute(_SURVIVORS, (wanted,))
    return {id_: merged_into or id_ for id_, merged_into in rows}


def surviving_accounts(session: Session, account_ids: Iterable[UUID]) -> Mapping[UUID, UUID]:
    """What each of the accounts is now; until this transaction ends, none of them is merged.

    Call it before a contact is locked: a merge locks the accounts first.
    """
    wanted = sorted(set(account_ids))
    if not wanted:
        return {}
    rows = db.cursor(session).execute(_SURVIVING_ACCOUNTS, (wanted,))
    return {id_: merged_into or id_ for id_, merged_into in rows}


def subject_type(session: Session, merge_id: UUID) -> str:
    """What was merged: contacts or accounts. Raises NotFound."""
    found = session.scalar(select(Merge.subject_type).where(Merge.id == merge_id))
    if found is None:
        raise NotFound(f"merge {merge_id}")
    return found


def for_update(session: Session, kind: type[M], record_ids: Collection[UUID]) -> Sequence[M]:
    """These records, locked in order of id."""
    statement = select(kind).where(kind.id.in_(list(record_ids))).order_by(kind.id)
    return session.scalars(statement.with_for_update()).all()


def absorbed_by(session: Session, kind: type[Any], record_ids: Collection[UUID]) -> Sequence[Any]:
    """Records that were merged into one of these, locked in order of id."""
    statement = select(kind).where(kind.merged_into_id.in_(list(record_ids)))
    return session.scalars(statement.order_by(kind.id).with_for_update()).all()


def has_place_in(account_id: UUID) -> ColumnElement[bool]:
    """Say in SQL whether a contact has, or had, a place in an account."""
    places = select(AccountContact.contact_id).where(AccountContact.account_id == account_id)
    return Contact.id.in_(places)


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


def awaiting(session: Session, absorbed_id: UUID, version: int, service: str) -> Merge | None:
    """The merge that waits for a service to follow what was told of a record, locked."""
    wanted = literal([[str(absorbed_id), version, service]], JSONB)
    statement = select(Merge).where(Merge.awaited.op("@>")(wanted))
    return session.scalar(statement.order_by(Merge.id.desc()).limit(1).with_for_update())


def survivor_in(body: bytes) -> UUID | None:
    """Whose record to answer with in the place of this one, from its published body."""
    if b'"merged_into_id":null' in body:
        return None
    survivor = orjson.loads(body).get("merged_into_id")
    return UUID(survivor) if survivor else None


_SURVIVING_ACCOUNTS = """
select id, merged_into_id from account where id = any(%s) order by id for key share
"""
_SURVIVORS = """
select id, merged_into_id from contact where id = any(%s) order by id for share
"""
