"""What the lists select: filters and sort keys per resource; paging is the chassis's."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstrumentedAttribute

from crm_chassis.auth import Principal
from crm_chassis.db import Utc
from crm_chassis.rights import RECORD, visible
from crm_contacts.model.account import Account
from crm_contacts.model.board import Board
from crm_contacts.model.consent import Consent
from crm_contacts.model.contact import Contact
from crm_contacts.model.duplicate import Duplicate, DuplicateStatus
from crm_contacts.model.interaction import Interaction
from crm_contacts.model.note import Note
from crm_contacts.model.point import AccountContact, ContactPoint
from crm_contacts.model.task import OPEN, Task
from crm_contacts.model.values import PointKind, Subject, sort_key

Sorts = Mapping[str, InstrumentedAttribute[Any]]

CONTACT_SORTS: Sorts = {
    "created_at": Contact.created_at,
    "updated_at": Contact.updated_at,
    "name": Contact.sort_name,
    "public_no": Contact.public_no,
}
ACCOUNT_SORTS: Sorts = {
    "created_at": Account.created_at,
    "updated_at": Account.updated_at,
    "name": Account.sort_name,
    "public_no": Account.public_no,
}
INTERACTION_SORTS: Sorts = {"at": Interaction.at, "created_at": Interaction.created_at}
NOTE_SORTS: Sorts = {"created_at": Note.created_at, "updated_at": Note.updated_at}
_NEVER = literal(datetime(9999, 12, 31, tzinfo=UTC), Utc)
TASK_SORTS: Mapping[str, Any] = {
    "due_at": func.coalesce(Task.due_at, _NEVER, type_=Utc),
    "created_at": Task.created_at,
    "updated_at": Task.updated_at,
    "public_no": Task.public_no,
}
BOARD_SORTS: Sorts = {"name": Board.name, "created_at": Board.created_at}
CONSENT_SORTS: Sorts = {"at": Consent.at}
DUPLICATE_SORTS: Sorts = {"score": Duplicate.score, "created_at": Duplicate.created_at}


def contacts(filters: Mapping[str, Any]) -> Select[Any]:
    """Contacts that pass the filters."""
    statement = select(Contact).where(*_equal(Contact, filters), *words(Contact, filters))
    statement = statement.where(Contact.merged_into_id.is_(None))
    if email := filters.get("email"):
        statement = statement.where(_has_point(PointKind.EMAIL, email))
    if phone := filters.get("phone"):
        statement = statement.where(_has_point(PointKind.PHONE, phone))
    if account_id := filters.get("account_id"):
        statement = statement.where(_belongs(account_id))
    return statement


def contacts_of_account(account_id: UUID, filters: Mapping[str, Any]) -> Select[Any]:
    """Contacts that belong to an account now; not `active`: those that did once."""
    return contacts(filters).where(_belongs(account_id, is_active=filters.get("active", True)))


def accounts(filters: Mapping[str, Any]) -> Select[Any]:
    """Accounts that pass the filters."""
    statement = select(Account).where(*_equal(Account, filters), *words(Account, filters))
    return statement.where(Account.merged_into_id.is_(None))


def interactions(filters: Mapping[str, Any]) -> Select[Any]:
    """Interactions that pass the filters."""
    return select(Interaction).where(*_equal(Interaction, filters), *about(Interaction, filters))


def notes(filters: Mapping[str, Any]) -> Select[Any]:
    """Notes that pass the filters."""
    statement = select(Note).where(
        *_equal(Note, filters), *about(Note, filters), *words(Note, filters)
    )
    if mention_id := filters.get("mention_id"):
        statement = statement.where(Note.mentions.contains([mention_id]))
    return statement


def tasks(filters: Mapping[str, Any]) -> Select[Any]:
    """Tasks that pass the filters."""
    statement = select(Task).where(
        *_equal(Task, filters), *about(Task, filters), *words(Task, filters)
    )
    if collaborator_id := filters.get("collaborator_id"):
        statement = statement.where(Task.collaborator_ids.contains([collaborator_id]))
    if due_before := filters.get("due_before"):
        statement = statement.where(Task.due_at < due_before)
    if (is_overdue := filters.get("overdue")) is not None:
        called = Task.overdue_at.is_not(None) & Task.status.in_(OPEN)
        statement = statement.where(called if is_overdue else ~called)
    if (is_open := filters.get("open")) is not None:
        statement = statement.where(Task.status.in_(OPEN) if is_open else Task.status.not_in(OPEN))
    return statement


def boards(filters: Mapping[str, Any]) -> Select[Any]:
    """Boards of a department, or with a member, if named."""
    names = filters.keys() & {"archived", "department"}
    statement = select(Board).where(*_equal(Board, {name: filters[name] for name in names}))
    if member_id := filters.get("member_id"):
        member = [{"user_id": str(member_id)}]
        statement = statement.where(Board.members.op("@>")(literal(member, JSONB)))
    return statement


def duplicates(filters: Mapping[str, Any], who: Principal) -> Select[Any]:
    """Pairs of this status, of one contact if it is named, both of whom `who` may see."""
    statement = select(Duplicate).where(Duplicate.status == filters["status"])
    if filters["status"] is DuplicateStatus.OPEN:  # whom nobody put away meanwhile
        for side in (Duplicate.a_id, Duplicate.b_id):
            statement = statement.where(
                exists().where(Contact.id == side, Contact.archived_at.is_(None))
            )
    if not who.is_admin:
        seen = RECORD.alias("seen")
        for side in (Duplicate.a_id, Duplicate.b_id):
            is_side = (seen.c.kind == "contact", seen.c.id == side)
            statement = statement.where(exists().where(*is_side, visible(who, "contact", seen)))
    if contact_id := filters.get("contact_id"):
        statement = statement.where(or_(Duplicate.a_id == contact_id, Duplicate.b_id == contact_id))
    return statement


def consents(contact_id: UUID, filters: Mapping[str, Any]) -> Select[Any]:
    """What a contact said, of one channel or purpose if named."""
    wanted = [
        getattr(Consent, name) == filters[name]
        for name in ("channel", "purpose")
        if name in filters
    ]
    return select(Consent).where(Consent.contact_id == contact_id, *wanted)


_NOT_COLUMNS = frozenset(
    {"limit", "cursor", "sort", "q", "archived", "subject_id", "subject_type"}
    | {"email", "phone", "account_id", "where", "custom"}
    | {"ids", "created_since", "created_before", "active"}
    | {"mention_id", "collaborator_id", "due_before", "overdue", "open"}
)


def _equal(kind: Any, filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    wanted = [
        getattr(kind, name) == value
        for name, value in filters.items()
        if name not in _NOT_COLUMNS and name != "tag" and value is not None
    ]
    if tag := filters.get("tag"):
        wanted.append(kind.tags.contains([tag]))
    if (ids := filters.get("ids")) is not None:
        wanted.append(kind.id.in_(ids))
    if since := filters.get("created_since"):
        wanted.append(kind.created_at >= since)
    if before := filters.get("created_before"):
        wanted.append(kind.created_at < before)
    archived = filters.get("archived", False)
    put_away = kind.archived_at.is_not(None) if archived else kind.archived_at.is_(None)
    return [*wanted, put_away]


def words(kind: Any, filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """Conditions for the words that `?q=` looks for."""
    return [
        kind.search_text.contains(" " + word, autoescape=True)
        for word in asked_words(filters.get("q"))
    ]


def asked_words(text: str | None) -> list[str]:
    """The words of a question, as they are searched."""
    return sort_key((text or "").replace("+", "")).split()[:8]


def about(kind: Any, filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    subject_id = filters.get("subject_id")
    if subject_id is None:
        return []
    if subject_type := filters.get("subject_type"):
        return [kind.subjects.op("@>")((Subject(type=subject_type, id=subject_id),))]
    pointer = func.jsonb_build_array(func.jsonb_build_object("id", str(subject_id)))
    return [kind.subjects.op("@>")(pointer)]


def _has_point(kind: PointKind, value: str) -> ColumnElement[bool]:
    return exists().where(
        ContactPoint.contact_id == Contact.id,
        ContactPoint.kind == kind,
        ContactPoint.value == value,
    )


def _belongs(account_id: UUID, *, is_active: bool = True) -> ColumnElement[bool]:
    return exists().where(
        and_(
            AccountContact.contact_id == Contact.id,
            AccountContact.account_id == account_id,
            AccountContact.is_active.is_(is_active),
        )
    )
