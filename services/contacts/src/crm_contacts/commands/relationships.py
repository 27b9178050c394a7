"""Asking what people and organisations are to one another."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_contacts.commands.changing import expect, refuse_archived, settled
from crm_contacts.events import relationships as events
from crm_contacts.model.account import Account
from crm_contacts.model.contact import Contact
from crm_contacts.model.errors import RelationshipNotAllowed, RelationshipTypeUnknown
from crm_contacts.model.relationship import USUAL, Relationship, RelationshipType
from crm_contacts.model.values import Subject
from crm_contacts.queries import records
from crm_contacts.queries import relationships as queries

AT_ONCE = 500  # relationships that get new names in a transaction
_ENDS: Mapping[str, type[Any]] = {"contact": Contact, "account": Account}


@dataclass(frozen=True, slots=True, kw_only=True)
class DefineRelationship:
    """Have a type of relationship with these fields of the API."""

    fields: Mapping[str, Any]


def define_relationship(
    session: Session, command: DefineRelationship, *, now: datetime
) -> RelationshipType:
    """Define it once, by its names and kinds, and announce it."""
    made = RelationshipType(**command.fields)
    known = queries.same_type(session, made)
    if known is not None:
        return known
    outbox.add(session, events.relationship_type_created, made, at=now)
    return made


def define_usual(session: Session, _command: None, *, now: datetime) -> RelationshipType:
    """Define the usual types, as far as they are not there; return the first."""
    names = ("name", "inverse_name", "from_kind", "to_kind")
    made = [
        define_relationship(
            session, DefineRelationship(fields=dict(zip(names, each, strict=True))), now=now
        )
        for each in USUAL
    ]
    return made[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameRelationship:
    """Change the fields of a type."""

    type_id: UUID
    expected_version: int | None
    changes: Mapping[str, Any]


def rename_relationship(
    session: Session, command: RenameRelationship, *, now: datetime
) -> RelationshipType:
    """Change a type and announce what differs; relationships get the new names soon.

    Raises NotFound, StaleVersion, Archived.
    """
    kind = records.for_update(session, RelationshipType, command.type_id)
    expect(kind, command.expected_version)
    refuse_archived(kind)
    kind.change(command.changes)
    if session.is_modified(kind):
        outbox.add(session, events.relationship_type_updated, kind, at=now)
    return kind


def carry_names(session: Session, *, now: datetime) -> int:
    """Give relationships the names their types have now; return how many."""
    found = queries.misnamed(session, limit=AT_ONCE)
    for relationship, kind in found:
        relationship.name, relationship.inverse_name = kind.name, kind.inverse_name
        outbox.add(session, events.relationship_updated, relationship, at=now)
    return len(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relate:
    """Say what one is to another."""

    type_id: UUID
    one: Subject
    other: Subject
    fields: Mapping[str, Any]


def relate(session: Session, command: Relate, *, now: datetime) -> Relationship:
    """Say it once and announce it. Raises RelationshipTypeUnknown, RelationshipNotAllowed."""
    kind = records.maybe_for_update(session, RelationshipType, command.type_id)
    if kind is None or kind.archived_at is not None:
        raise RelationshipTypeUnknown(command.type_id)
    ends = kind.ordered(*_living(session, command))
    known = queries.same_relationship(session, kind.id, *ends)
    if known is not None:
        return known
    made = Relationship(
        type_id=kind.id,
        name=kind.name,
        inverse_name=kind.inverse_name,
        from_type=ends[0].type,
        from_id=ends[0].id,
        to_type=ends[1].type,
        to_id=ends[1].id,
        **command.fields,
    )
    outbox.add(session, events.relationship_created, made, at=now)
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRelationship:
    """Change what is said beside it."""

    relationship_id: UUID
    expected_version: int | None
    changes: Mapping[str, Any]


def update_relationship(
    session: Session, command: UpdateRelationship, *, now: datetime
) -> Relationship:
    """Change it and announce what differs. Raises NotFound, StaleVersion, Archived."""
    found = records.for_update(session, Relationship, command.relationship_id)
    expect(found, command.expected_version)
    refuse_archived(found)
    for name, value in command.changes.items():
        setattr(found, name, value)
    if session.is_modified(found):
        outbox.add(session, events.relationship_updated, found, at=now)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelve:
    """Put a relationship or a type away, or bring it back."""

    kind: type[Relationship] | type[RelationshipType]
    record_id: UUID
    expected_version: int | None
    is_back: bool = False


def shelve(session: Session, command: Shelve, *, now: datetime) -> Relationship | RelationshipType:
    """Archive or restore once and announce it. Raises NotFound, StaleVersion."""
    found: Any = records.for_update(session, command.kind, command.record_id)
    if (found.archived_at is None) == command.is_back:
        return found  # type: ignore[no-any-return]
    expect(found, command.expected_version)
    if command.is_back:
        found.restore()
    else:
        found.archive(at=now)
    outbox.add(session, _SHELVED[command.kind, command.is_back], found, at=now)
    return found  # type: ignore[no-any-return]


def _living(session: Session, command: Relate) -> tuple[Subject, Subject]:
    """The ends as they are now; no merge overtakes. Raises RelationshipNotAllowed."""
    ends = []
    for field, end in (("from", command.one), ("to", command.other)):
        now = settled(session, {"subjects": (end,)})["subjects"][0]
        kind = _ENDS.get(now.type)
        if kind is None or records.plainly(session, kind, now.id) is None:
            raise RelationshipNotAllowed(errors={field: [f"no {end.type} {end.id}"]})
        ends.append(now)
    return ends[0], ends[1]


_SHELVED: Mapping[tuple[Any, bool], outbox.Factory] = {
    (Relationship, False): events.relationship_archived,
    (Relationship, True): events.relationship_restored,
    (RelationshipType, False): events.relationship_type_archived,
    (RelationshipType, True): events.relationship_type_restored,
}
