"""Asking for fields of the company's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_contacts.commands import defining
from crm_contacts.commands.changing import expect, refuse_archived
from crm_contacts.events import rules as events
from crm_contacts.model.errors import OptionInUse, ValuesNotUnique
from crm_contacts.model.field import Field
from crm_contacts.queries import own_values, records


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateField:
    """Give records of a kind a field."""

    fields: Mapping[str, Any]


def create_field(session: Session, command: CreateField, *, now: datetime) -> Field:
    """Add a field; from the commit on every path knows it. Raises Invalid.

    A key that a field has, archived or not, is refused by the database (FieldKeyTaken).
    """
    defining.renew(session)
    field = Field(**command.fields)
    field.check()
    outbox.add(session, events.field_created, field, at=now)
    return field


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateField:
    """Change how a field is shown or checked."""

    field_id: UUID
    expected_version: int | None
    changes: Mapping[str, Any]


def update_field(session: Session, command: UpdateField, *, now: datetime) -> Field:
    """Change a field. Raises NotFound, StaleVersion, Archived, Invalid, OptionInUse, ValuesNotUnique.

    Writes that use the field wait for the commit, and this waits for those under way.
    """
    defining.renew(session)
    field = records.for_update(session, Field, command.field_id)
    expect(field, command.expected_version)
    refuse_archived(field)
    if "options" in command.changes:
        _refuse_used(session, field, command.changes["options"])
    was = field.unique, field.searchable, field.options
    field.change(command.changes)
    if not session.is_modified(field):
        return field
    if field.unique and not was[0]:
        _refuse_shared(session, field)
    outbox.add(session, events.field_updated, field, at=now)
    if was != (field.unique, field.searchable, field.options):
        session.flush()
        defining.index_again(session, field)
    return field


def _refuse_used(session: Session, field: Field, options: list[dict[str, str]]) -> None:
    removed = field.removed_options(options)
    used = own_values.options_in_use(session, field.object, field.key, removed) if removed else {}
    if used:
        raise OptionInUse(used)


def _refuse_shared(session: Session, field: Field) -> None:
    if count := own_values.sharing(session, field.object, field.key):
        raise ValuesNotUnique(count)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveField:
    """Put a field away; its values are kept, and no longer shown in forms or written."""

    field_id: UUID
    expected_version: int | None


def archive_field(session: Session, command: ArchiveField, *, now: datetime) -> Field:
    """Archive once and announce it. Raises NotFound, StaleVersion."""
    defining.renew(session)
    field = records.for_update(session, Field, command.field_id)
    if field.archived_at is not None:
        return field
    expect(field, command.expected_version)
    field.archive(at=now)
    outbox.add(session, events.field_archived, field, at=now)
    session.flush()
    defining.index_again(session, field)
    defining.forget_breaches(session, field.id)
    return field


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreField:
    """Bring a field back, with its values."""

    field_id: UUID
    expected_version: int | None


def restore_field(session: Session, command: RestoreField, *, now: datetime) -> Field:
    """Restore once and announce it. Raises NotFound, StaleVersion, ValuesNotUnique."""
    defining.renew(session)
    field = records.for_update(session, Field, command.field_id)
    if field.archived_at is None:
        return field
    expect(field, command.expected_version)
    field.restore()
    if field.unique:
        _refuse_shared(session, field)
    outbox.add(session, events.field_restored, field, at=now)
    session.flush()
    defining.index_again(session, field)
    return field
