"""Merging contacts, everywhere, and undoing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from crm_chassis import db, outbox
from crm_chassis.problems import Invalid, NotFound
from crm_chassis.project import Reference, move, put_back
from crm_contacts import events
from crm_contacts.commands import duplicates
from crm_contacts.commands.changing import expect
from crm_contacts.commands.holding import begin
from crm_contacts.events import consents as consent_events
from crm_contacts.events import documents, purchases, recognition, relationships
from crm_contacts.events import merges as told
from crm_contacts.events import notes as note_events
from crm_contacts.events import tasks as task_events
from crm_contacts.model import survivorship
from crm_contacts.model.consent import MARKETING, Channel, Consent, current
from crm_contacts.model.contact import Contact
from crm_contacts.model.deliverability import ContactPointState
from crm_contacts.model.document import Document
from crm_contacts.model.duplicate import DuplicateStatus
from crm_contacts.model.errors import MergedSince, MergeRefused, UndoTooLate
from crm_contacts.model.interaction import Interaction
from crm_contacts.model.merge import UNDO_WITHIN, Merge, total
from crm_contacts.model.note import Note
from crm_contacts.model.purchase import Invoice, Order, Subscription
from crm_contacts.model.relationship import Relationship
from crm_contacts.model.task import Task
from crm_contacts.model.values import Subject
from crm_contacts.queries import consents, merges, records
from crm_contracts import Record
from crm_fields.objects import Held


class SubjectsReference(Reference):
    """Pointers at records of any kind, contacts among them."""

    def holds(self, record_id: UUID) -> ColumnElement[bool]:
        """Say in SQL whether a contact is among them."""
        return self.column.op("@>")((_contact(record_id),))  # type: ignore[no-any-return]

    def swapped(self, value: Any, old: UUID, new: UUID) -> Any:
        """Return them with one contact in the place of another, without repeats."""
        former = _contact(old)
        return tuple(dict.fromkeys(_contact(new) if each == former else each for each in value))

    def apart(self, value: Any, old: UUID, new: UUID, before: Any) -> Any:
        """Return them as they were; where they changed since, with `old` beside or for `new`."""
        was = tuple(Subject(type=kind, id=UUID(id_)) for kind, id_ in before)
        if value == self.swapped(was, old, new):
            return was
        found = self.swapped(value, new, old)
        return (*found, _contact(new)) if _contact(new) in was and _contact(old) in found else found

    def dumped(self, value: Any) -> Any:
        """Return them as pairs of texts."""
        return [(each.type, str(each.id)) for each in value]


REFERENCES = (
    SubjectsReference(of=Interaction, field="subjects", told=events.interaction_updated),
    SubjectsReference(of=Note, field="subjects", told=note_events.note_updated),
    SubjectsReference(of=Task, field="subjects", told=task_events.task_updated),
    SubjectsReference(of=Document, field="subjects", told=documents.document_updated),
    Reference(of=Consent, field="contact_id", told=consent_events.consent_updated),
    Reference(
        of=ContactPointState, field="contact_id", told=recognition.contact_point_updated,
        once_per="email",
    ),
    Reference(of=Relationship, field="from_id", told=relationships.relationship_updated),
    Reference(of=Relationship, field="to_id", told=relationships.relationship_updated),
    Reference(of=Order, field="contact_id", told=purchases.order_updated),
    Reference(of=Invoice, field="contact_id", told=purchases.invoice_updated),
    Reference(of=Subscription, field="contact_id", told=purchases.subscription_updated),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeContacts:
    """Make the survivor of all; `choices` names for a field the contact whose value to keep."""

    survivor_id: UUID
    expected_version: int | None
    absorbed_ids: Sequence[UUID]
    choices: Mapping[str, UUID] = field(default_factory=dict)


def merge_contacts(session: Session, command: MergeContacts, *, now: datetime) -> Merge:
    """Merge and announce; the other services follow by fact.

    Raises NotFound, StaleVersion, MergeRefused, Invalid for a choice that is none.
    """
    db.say_source(session, "merge")
    survivor, absorbed = _together(session, command)
    before = survivorship.snapshot(survivor)
    former = merges.absorbed_by(session, command.absorbed_ids)
    merge = Merge(
        survivor_id=survivor.id,
        absorbed_ids=[each.id for each in absorbed],
        undo_until=now + UNDO_WITHIN,
        before=before,
        after={},
        redirected={str(each.id): str(each.merged_into_id) for each in former},
        owner_id=survivor.owner_id,
        team_id=survivor.team_id,
        visibility=survivor.visibility,
    )
    for each in (*absorbed, *former):
        each.merge_into(survivor.id, at=each.archived_at or now)
        outbox.add(session, events.contact_merged, each, at=now)
    session.flush()  # which frees the addresses
    holding = begin(session, Held.CONTACT, {}, now=now, record=survivor)
    survivorship.absorb(survivor, absorbed, command.choices)
    holding.judge(session, survivor, may_refuse=False)
    merge.after = survivorship.snapshot(survivor)
    outbox.add(session, events.contact_updated, survivor, at=now)
    session.flush()
    merge.wait_for((*absorbed, *former))
    counts = [move(session, REFERENCES, each.id, survivor.id, now=now) for each in absorbed]
    merge.moved = {"contacts": total(counts)}
    merge.pairs = _settle_pairs(session, command.absorbed_ids, now=now)
    duplicates.look_out(session, survivor, now=now, may_block=False)
    outbox.add(session, told.merge_created, merge, at=now)
    return merge


def _together(session: Session, command: MergeContacts) -> tuple[Contact, list[Contact]]:
    """Lock all in order, and refuse what cannot be merged."""
    wanted = {command.survivor_id, *command.absorbed_ids}
    found = {each.id: each for each in merges.contacts_for_update(session, wanted)}
    unknown = sorted(wanted - set(found))
    if unknown:
        raise NotFound(f"contact {unknown[0]}")
    survivor = found.pop(command.survivor_id)
    expect(survivor, command.expected_version)
    if not found or len(wanted) <= len(set(command.absorbed_ids)):
        raise MergeRefused(errors={"absorbed_ids": ["a contact is not merged with itself"]})
    for each in (survivor, *found.values()):
        if each.merged_into_id is not None:
            raise MergeRefused(each.id, errors={"absorbed_ids": ["merged already"]})
        if each.archived_at is not None:
            raise MergeRefused(each.id, errors={"absorbed_ids": ["archived; restore it first"]})
    _check_choices(command, wanted)
    return survivor, [found[each] for each in dict.fromkeys(command.absorbed_ids)]


def _check_choices(command: MergeContacts, wanted: set[UUID]) -> None:
    for name, chosen in command.choices.items():
        if name not in survivorship.FIELDS and not name.startswith("custom."):
            raise Invalid({f"choices.{name}": ["not a field to choose"]})
        if chosen not in wanted:
            raise Invalid({f"choices.{name}": ["not one of these contacts"]})


def _settle_pairs(session: Session, absorbed_ids: Sequence[UUID], *, now: datetime) -> list[str]:
    """Take the absorbed contacts' pairs off the queue; the survivor is compared anew."""
    by = db.context_of(session).actor
    found = merges.open_pairs(session, absorbed_ids)
    for pair in found:
        pair.decide(DuplicateStatus.MERGED, by=by, at=now)
        outbox.add(session, recognition.duplicate_merged, pair, at=now)
    return [str(pair.id) for pair in found]


def preview(
    session: Session, command: MergeContacts, *, now: datetime
) -> tuple[Record, list[str], Mapping[str, int]]:
    """Merge in a transaction that the caller rolls back.

    Returns the survivor's record as it would be, its fields that differ, and what moves here.
    """
    merge = merge_contacts(session, command, now=now)
    survivor = records.for_update(session, Contact, command.survivor_id)
    changed = sorted(name for name in merge.after if merge.after[name] != merge.before[name])
    return events.contact_record(survivor), changed, merge.moved["contacts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoMerge:
    """Tell merged contacts apart again.

    The version may be left out: nothing of a merge changes but who has followed it.
    """

    merge_id: UUID
    expected_version: int | None = None


def undo_merge(session: Session, command: UndoMerge, *, now: datetime) -> Merge:
    """Undo once and announce; the other services follow by fact.

    Raises NotFound, StaleVersion, UndoTooLate, MergedSince; an address that somebody else has by
    now is refused by the database.
    """
    merge = records.for_update(session, Merge, command.merge_id)
    if merge.is_undone:
        return merge
    if command.expected_version is not None:
        expect(merge, command.expected_version)
    if now > merge.undo_until:
        raise UndoTooLate(merge.id)
    db.say_source(session, "merge")
    survivor, absorbed, former = _apart(session, merge)
    _hand_back_states(survivor, absorbed)
    holding = begin(session, Held.CONTACT, {}, now=now, record=survivor)
    conflicts = survivorship.withdraw(survivor, merge.before, merge.after)
    holding.judge(session, survivor, may_refuse=False)
    outbox.add(session, events.contact_updated, survivor, at=now)
    session.flush()  # which frees the addresses
    for each in absorbed:
        each.restore()
        outbox.add(session, events.contact_unmerged, each, at=now)
    for each in former:
        each.merged_into_id = UUID(merge.redirected[str(each.id)])
        outbox.add(session, events.contact_merged, each, at=now)
    session.flush()
    for each in absorbed:
        put_back(session, REFERENCES, each.id, now=now)
    survivor.opt_out(is_out=_still_says_no(session, survivor, merge))
    _reopen_pairs(session, merge, now=now)
    merge.undo(conflicts, at=now)
    merge.wait_for((*absorbed, *former))
    outbox.add(session, told.merge_undone, merge, at=now)
    return merge


def _apart(session: Session, merge: Merge) -> tuple[Contact, list[Contact], list[Contact]]:
    redirected = [UUID(each) for each in merge.redirected]
    wanted = {merge.survivor_id, *merge.absorbed_ids, *redirected}
    found = {each.id: each for each in merges.contacts_for_update(session, wanted)}
    survivor = found[merge.survivor_id]
    absorbed = [found[each] for each in merge.absorbed_ids]
    former = [found[each] for each in redirected]
    if survivor.archived_at is not None or any(
        each.merged_into_id != survivor.id for each in (*absorbed, *former)
    ):
        raise MergedSince(survivor.id)
    return survivor, absorbed, former


def _hand_back_states(survivor: Contact, absorbed: Sequence[Contact]) -> None:
    """What became of an address while it was the survivor's stays known."""
    states = {(each.kind, each.value): each for each in survivor.points}
    for point in (point for each in absorbed for point in each.points):
        known = states.get((point.kind, point.value))
        if known is not None:
            point.deliverability = known.deliverability


def _still_says_no(session: Session, survivor: Contact, merge: Merge) -> bool:
    """Whether the survivor's own consents forbid marketing; without any, it is as before."""
    counts = current(consents.said_of(session, survivor.id, Channel.EMAIL, MARKETING))
    return bool(merge.before["is_opted_out"]) if counts is None else counts.forbids


def _reopen_pairs(session: Session, merge: Merge, *, now: datetime) -> None:
    for pair in merges.pairs(session, merge.pairs):
        if pair.reopen():
            outbox.add(session, recognition.duplicate_updated, pair, at=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    """A service has followed what was told of a version of an absorbed contact."""

    service: str
    contact_id: UUID
    contact_version: int
    counts: Mapping[str, int]


def acknowledge(session: Session, command: Acknowledge, *, now: datetime) -> None:
    """Note it on the merge that waits for it."""
    merge = merges.awaiting(session, command.contact_id, command.contact_version, command.service)
    if merge is not None:
        version, service = command.contact_version, command.service
        merge.acknowledge(command.contact_id, version, service, command.counts)
        outbox.add(session, told.merge_updated, merge, at=now)


def _contact(contact_id: UUID) -> Subject:
    return Subject(type="contact", id=contact_id)
