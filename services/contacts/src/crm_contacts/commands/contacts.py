"""Asking for changes of contacts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_chassis.outbox import Announcement
from crm_contacts import events
from crm_contacts.commands import duplicates
from crm_contacts.commands.changing import expect, refuse_archived, refuse_merged, settled
from crm_contacts.commands.holding import begin
from crm_contacts.model.contact import Contact
from crm_contacts.model.values import ContactLifecycle
from crm_contacts.queries import records
from crm_fields.objects import Held


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateContact:
    """Take up a contact with these fields of the API, already validated.

    One of many is refused where the policy blocks, but not put on the queue: a scan does that.
    """

    fields: Mapping[str, Any]
    allow_duplicate: bool = False
    is_one_of_many: bool = False


def create_contact(session: Session, command: CreateContact, *, now: datetime) -> Contact:
    """Create a contact and announce it. Raises ContactUnnamed, DuplicateSuspected, RulesBroken.

    A taken address (EmailTaken) or an unknown account (AccountUnknown) is refused by the database
    at flush.
    """
    fields = settled(session, command.fields)
    holding = begin(session, Held.CONTACT, fields, now=now)
    contact = Contact()
    contact.change(holding.fields)
    holding.judge(session, contact)
    if not command.allow_duplicate:
        duplicates.look_out(session, contact, now=now, may_queue=not command.is_one_of_many)
    outbox.add(session, events.contact_created, contact, at=now)
    return contact


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateContact:
    """Change the fields named."""

    contact_id: UUID
    expected_version: int | None
    changes: Mapping[str, Any]


def update_contact(session: Session, command: UpdateContact, *, now: datetime) -> Contact:
    """Change a contact and announce what differs.

    Raises NotFound, AlreadyMerged, StaleVersion, Archived, Invalid, RulesBroken, ValueTaken.
    """
    changes = settled(session, command.changes)
    contact = records.for_update(session, Contact, command.contact_id)
    refuse_merged(contact)
    expect(contact, command.expected_version)
    refuse_archived(contact)
    before, keys = (contact.lifecycle, contact.owner_id), contact.match_keys
    holding = begin(session, Held.CONTACT, changes, now=now, record=contact)
    contact.change(holding.fields)
    holding.judge(session, contact)
    if contact.match_keys != keys:
        duplicates.look_out(session, contact, now=now, may_block=False)
    if not session.is_modified(contact) and not any(map(session.is_modified, contact.points)):
        return contact
    outbox.add(session, _story(contact, *before), contact, at=now)
    return contact


def _story(
    contact: Contact, lifecycle: ContactLifecycle, owner_id: UUID | None
) -> Callable[[Contact], Announcement]:
    if contact.lifecycle is not lifecycle:
        return events.contact_lifecycle_changed
    return events.contact_updated if contact.owner_id == owner_id else events.contact_assigned


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveContact:
    """Put a contact away."""

    contact_id: UUID
    expected_version: int | None


def archive_contact(session: Session, command: ArchiveContact, *, now: datetime) -> Contact:
    """Archive once and announce it. Raises NotFound, AlreadyMerged, StaleVersion."""
    contact = records.for_update(session, Contact, command.contact_id)
    refuse_merged(contact)
    if contact.archived_at is not None:
        return contact
    expect(contact, command.expected_version)
    contact.archive(at=now)
    outbox.add(session, events.contact_archived, contact, at=now)
    return contact


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreContact:
    """Bring an archived contact back."""

    contact_id: UUID
    expected_version: int | None


def restore_contact(session: Session, command: RestoreContact, *, now: datetime) -> Contact:
    """Restore once and announce it. Raises NotFound, StaleVersion, EmailTaken."""
    contact = records.for_update(session, Contact, command.contact_id)
    refuse_merged(contact)
    if contact.archived_at is None:
        return contact
    expect(contact, command.expected_version)
    contact.restore()
    outbox.add(session, events.contact_restored, contact, at=now)
    return contact
