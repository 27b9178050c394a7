"""Asking to write to a contact in the way it wishes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_contacts import events
from crm_contacts.commands.changing import expect, refuse_archived, refuse_merged
from crm_contacts.model import preferences
from crm_contacts.model.contact import Contact
from crm_contacts.queries import records


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPreferences:
    """Wish these, in the place of all wishes before; the language is the contact's own field."""

    contact_id: UUID
    expected_version: int | None
    wishes: Mapping[str, Any]


def set_preferences(session: Session, command: SetPreferences, *, now: datetime) -> Contact:
    """Keep the wishes and announce them. Raises NotFound, AlreadyMerged, StaleVersion, Archived."""
    contact = records.for_update(session, Contact, command.contact_id)
    refuse_merged(contact)
    wishes = dict(command.wishes)
    language = wishes.pop("language", contact.language)
    found = preferences.kept(wishes)
    if (found, language) == (contact.preferences, contact.language):
        return contact
    expect(contact, command.expected_version)
    refuse_archived(contact)
    contact.preferences, contact.language = found, language
    outbox.add(session, events.contact_preferences_changed, contact, at=now)
    return contact
