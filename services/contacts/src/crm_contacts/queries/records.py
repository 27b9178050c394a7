"""Reading aggregates to change them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_chassis import db, rights
from crm_chassis.auth import Principal
from crm_chassis.problems import NotFound
from crm_contacts.model.account import Account
from crm_contacts.model.contact import Contact, ContactPoint
from crm_contacts.model.conversion import LeadConversion
from crm_contacts.model.deliverability import ContactPointState
from crm_contacts.model.interaction import Interaction
from crm_contacts.model.task import Task
from crm_contacts.model.values import PointKind

A = TypeVar("A", bound=db.Aggregate)


def for_update(session: Session, kind: type[A], record_id: UUID) -> A:
    """Read and lock one aggregate. Raises NotFound."""
    found = maybe_for_update(session, kind, record_id)
    if found is None:
        raise NotFound(f"{kind.__name__.lower()} {record_id}")
    return found


def maybe_for_update(session: Session, kind: type[A], record_id: UUID | None) -> A | None:
    """Read and lock one aggregate, None if there is none; what this transaction changed stays."""
    if record_id is None:
        return None
    return session.scalar(select(kind).where(kind.id == record_id).with_for_update())


def plainly(session: Session, kind: type[A], record_id: UUID) -> A | None:
    """Read one aggregate to look at; it is not locked."""
    return session.get(kind, record_id)


def contacts_for_update(session: Session, contact_ids: Sequence[UUID]) -> Sequence[Contact]:
    """Read and lock these live contacts, in order of id."""
    statement = select(Contact).where(Contact.id.in_(contact_ids), Contact.archived_at.is_(None))
    return session.scalars(statement.order_by(Contact.id).with_for_update()).all()


def contacts_of(session: Session, contact_ids: Iterable[UUID]) -> Sequence[Contact]:
    """Read these contacts to look at; they are not locked."""
    wanted = list(contact_ids)
    return session.scalars(select(Contact).where(Contact.id.in_(wanted))).all() if wanted else []


def contact_for_update(session: Session, contact_id: UUID | None) -> Contact | None:
    """Read and lock a contact, or the one it was merged into; None if there is none."""
    contact = maybe_for_update(session, Contact, contact_id)
    if contact is not None and contact.merged_into_id is not None:
        return maybe_for_update(session, Contact, contact.merged_into_id)
    return contact


def point_state(session: Session, contact_id: UUID, email: str) -> ContactPointState | None:
    """What is known of a contact's address, locked."""
    statement = select(ContactPointState).where(
        ContactPointState.contact_id == contact_id, ContactPointState.email == email
    )
    return session.scalar(statement.with_for_update())


def readers_of(
    session: Session, kind: type[A], record_ids: Iterable[UUID]
) -> Mapping[UUID, tuple[str, UUID | None, UUID | None]]:
    """Visibility, owner and team of each of these that there is."""
    statement = select(kind.id, kind.visibility, kind.owner_id, kind.team_id)
    rows = session.execute(statement.where(kind.id.in_(list(record_ids))))
    return {row.id: (row.visibility, row.owner_id, row.team_id) for row in rows}


def standing(
    session: Session, who: Principal, kind: str, record_ids: Sequence[UUID], action: str
) -> Mapping[UUID, bool]:
    """Those of these records that `who` sees, and whether the action is allowed on each."""
    rows = session.execute(rights.standing(who, kind, record_ids, action))
    return {row[0]: row[1] for row in rows}


def contact_id_with_email(session: Session, email: str) -> UUID | None:
    """The live contact that has this normalised address."""
    return contacts_with_emails(session, [email]).get(email)


def contacts_with_emails(session: Session, emails: Iterable[str]) -> Mapping[str, UUID]:
    """The live contacts that have these normalised addresses, by address."""
    statement = select(ContactPoint.value, ContactPoint.contact_id).where(
        ContactPoint.kind == PointKind.EMAIL,
        ContactPoint.is_live,
        ContactPoint.value.in_(list(emails)),
    )
    return {row.value: row.contact_id for row in session.execute(statement)}


def accounts_with_domain(session: Session, domain: str, *, limit: int = 5) -> list[UUID]:
    """Live accounts with this web domain."""
    statement = select(Account.id).where(Account.domain == domain, Account.archived_at.is_(None))
    return list(session.scalars(statement.order_by(Account.id).limit(limit)))


def accounts_with_name_key(session: Session, name_key: str, *, limit: int = 5) -> list[UUID]:
    """Live accounts whose name differs only in spelling."""
    statement = select(Account.id).where(
        Account.name_key == name_key, Account.archived_at.is_(None)
    )
    return list(session.scalars(statement.order_by(Account.id).limit(limit)))


def account_and_its_parents(session: Session, account_id: UUID) -> set[UUID]:
    """Ids of an account and of everything it is part of."""
    above = (
        select(Account.id, Account.parent_id).where(Account.id == account_id).cte(recursive=True)
    )
    above = above.union(
        select(Account.id, Account.parent_id).where(Account.id == above.c.parent_id)
    )
    return set(session.scalars(select(above.c.id)))


def interaction_of_source(
    session: Session, source_service: str | None, source_id: str | None
) -> Interaction | None:
    """What another system's record was logged as before."""
    if source_service is None or source_id is None:
        return None
    statement = select(Interaction).where(
        Interaction.source_service == source_service, Interaction.source_id == source_id
    )
    return session.scalar(statement)


def has_task_of_origin(session: Session, origin: str) -> bool:
    """Whether what `origin` names has led to a task before, live or not."""
    return session.scalar(select(Task.id).where(Task.origin == origin)) is not None


def conversion_of(session: Session, lead_id: UUID) -> LeadConversion | None:
    """Our last answer to this lead, locked."""
    statement = select(LeadConversion).where(LeadConversion.lead_id == lead_id)
    return session.scalar(statement.with_for_update())
