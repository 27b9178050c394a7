"""What refers to contacts and to accounts, and so moves when they are merged."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement

from crm_chassis.project import Reference
from crm_contacts import events
from crm_contacts.events import consents as consent_events
from crm_contacts.events import documents, purchases, recognition, relationships
from crm_contacts.events import identities as identity_events
from crm_contacts.events import notes as note_events
from crm_contacts.events import tasks as task_events
from crm_contacts.model.account import Account
from crm_contacts.model.consent import Consent
from crm_contacts.model.contact import Contact
from crm_contacts.model.deliverability import ContactPointState
from crm_contacts.model.document import Document
from crm_contacts.model.identity import Identity
from crm_contacts.model.interaction import Interaction
from crm_contacts.model.note import Note
from crm_contacts.model.purchase import Invoice, Order, Subscription
from crm_contacts.model.relationship import Relationship
from crm_contacts.model.task import Task
from crm_contacts.model.values import Link, Subject
from crm_contacts.queries import merges


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectsReference(Reference):
    """Pointers at records of any kind, those of one `type` among them."""

    type: str

    def holds(self, record_id: UUID) -> ColumnElement[bool]:
        """Say in SQL whether a record is among them."""
        return self.column.op("@>")((self._to(record_id),))  # type: ignore[no-any-return]

    def swapped(self, value: Any, old: UUID, new: UUID) -> Any:
        """Return them with one record in the place of another, without repeats."""
        former = self._to(old)
        return tuple(dict.fromkeys(self._to(new) if each == former else each for each in value))

    def apart(self, value: Any, old: UUID, new: UUID, before: Any) -> Any:
        """Return them as they were; where they changed since, with `old` beside or for `new`."""
        was = tuple(Subject(type=kind, id=UUID(id_)) for kind, id_ in before)
        if value == self.swapped(was, old, new):
            return was
        found, survivor = self.swapped(value, new, old), self._to(new)
        return (*found, survivor) if survivor in was and self._to(old) in found else found

    def dumped(self, value: Any) -> Any:
        """Return them as pairs of texts."""
        return [(each.type, str(each.id)) for each in value]

    def _to(self, record_id: UUID) -> Subject:
        return Subject(type=self.type, id=record_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinksReference(Reference):
    """A contact's places in accounts, of which it has one in each."""

    def holds(self, record_id: UUID) -> ColumnElement[bool]:
        """Say in SQL whether a contact has a place in an account."""
        return merges.has_place_in(record_id)

    def swapped(self, value: Any, old: UUID, new: UUID) -> Any:
        """Return them with the place in `old` moved to `new`, or joined with the one there."""
        places: Sequence[Link] = value
        theirs = next((each for each in places if each.account_id == old), None)
        own = next((each for each in places if each.account_id == new), None)
        if theirs is None:
            return value
        place, moved = own or theirs, replace(theirs, account_id=new)
        if own is not None:
            moved = Link(
                account_id=new,
                role=own.role or theirs.role,
                is_primary=own.is_primary or theirs.is_primary,
                active=own.active or theirs.active,
            )
        kept = (moved if each == place else each for each in places)
        return tuple(each for each in kept if each.account_id != old)

    def apart(self, value: Any, old: UUID, new: UUID, before: Any) -> Any:
        """Return them as they were; where they changed since, with a place in `old` again.

        Who has left the survivor since does not come back to the other.
        """
        was = tuple(Link(**{**each, "account_id": UUID(each["account_id"])}) for each in before)
        if value == self.swapped(was, old, new):
            return was
        places: Sequence[Link] = value
        if all(each.account_id != new for each in places):
            return value
        theirs = next(each for each in was if each.account_id == old)
        if any(each.account_id == new for each in was):
            return (*places, replace(theirs, is_primary=False))
        return tuple(
            replace(each, account_id=old) if each.account_id == new else each for each in places
        )

    def dumped(self, value: Any) -> Any:
        """Return them as JSON keeps them."""
        return [
            {"account_id": str(each.account_id), "role": each.role,
             "is_primary": each.is_primary, "active": each.active}
            for each in value
        ]  # fmt: skip


def _subjects(kind: str) -> tuple[Reference, ...]:
    told = (
        (Interaction, events.interaction_updated),
        (Note, note_events.note_updated),
        (Task, task_events.task_updated),
        (Document, documents.document_updated),
    )
    return tuple(SubjectsReference(of=of, field="subjects", told=t, type=kind) for of, t in told)


def _purchases(field: str) -> tuple[Reference, ...]:
    return (
        Reference(of=Order, field=field, told=purchases.order_updated),
        Reference(of=Invoice, field=field, told=purchases.invoice_updated),
        Reference(of=Subscription, field=field, told=purchases.subscription_updated),
    )


_RELATIONSHIPS = (
    Reference(of=Relationship, field="from_id", told=relationships.relationship_updated),
    Reference(of=Relationship, field="to_id", told=relationships.relationship_updated),
)
OF_CONTACTS = (
    *_subjects("contact"),
    Reference(of=Consent, field="contact_id", told=consent_events.consent_updated),
    Reference(
        of=ContactPointState, field="contact_id", told=recognition.contact_point_updated,
        once_per="email",
    ),
    Reference(of=Identity, field="contact_id", told=identity_events.identity_updated),
    *_RELATIONSHIPS,
    *_purchases("contact_id"),
)  # fmt: skip
OF_ACCOUNTS = (
    Reference(of=Account, field="parent_id", told=events.account_updated),
    LinksReference(of=Contact, field="account_links", told=events.contact_updated),
    *_subjects("account"),
    *_RELATIONSHIPS,
    *_purchases("account_id"),
)
