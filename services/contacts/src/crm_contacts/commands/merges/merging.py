"""Making several records one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import db, outbox
from crm_chassis.problems import Invalid, NotFound
from crm_chassis.project import move
from crm_contacts.commands.changing import expect
from crm_contacts.commands.holding import begin
from crm_contacts.commands.merges.kinds import KINDS, Kind
from crm_contacts.events import merges as told
from crm_contacts.model.errors import MergeRefused
from crm_contacts.model.merge import UNDO_WITHIN, Merge, total
from crm_contacts.queries import merges, records
from crm_contracts import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeContacts:
    """Make the survivor of all; `choices` names for a field the record whose value to keep."""

    survivor_id: UUID
    expected_version: int | None
    absorbed_ids: Sequence[UUID]
    choices: Mapping[str, UUID] = field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        """What they are."""
        return KINDS["contact"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeAccounts(MergeContacts):
    """The same of accounts."""

    @property
    def kind(self) -> Kind:
        """What they are."""
        return KINDS["account"]


def merge_contacts(session: Session, command: MergeContacts, *, now: datetime) -> Merge:
    """Merge and announce; the other services follow by fact.

    Raises NotFound, StaleVersion, MergeRefused, Invalid for a choice that is none.
    """
    kind = command.kind
    db.say_source(session, "merge")
    kind.prepare(session)
    survivor, absorbed = _together(session, command)
    former = merges.absorbed_by(session, kind.of, command.absorbed_ids)
    merge = _begun(kind, survivor, absorbed, former, now=now)
    for each in (*absorbed, *former):
        each.merge_into(survivor.id, at=each.archived_at or now)
        outbox.add(session, kind.merged, each, at=now)
    session.flush()  # which frees the addresses
    _absorb(session, command, merge, survivor, absorbed, now=now)
    merge.wait_for((*absorbed, *former))
    counts = [move(session, kind.references, each.id, survivor.id, now=now) for each in absorbed]
    merge.moved = {"contacts": total(counts)}
    kind.joined(session, merge, survivor, now=now)
    outbox.add(session, told.merge_created, merge, at=now)
    return merge


merge_accounts = merge_contacts


def _begun(
    kind: Kind, survivor: Any, absorbed: Sequence[Any], former: Sequence[Any], *, now: datetime
) -> Merge:
    return Merge(
        subject_type=kind.held.value,
        survivor_id=survivor.id,
        absorbed_ids=[each.id for each in absorbed],
        undo_until=now + UNDO_WITHIN,
        before=kind.rules.snapshot(survivor),
        after={},
        redirected={str(each.id): str(each.merged_into_id) for each in former},
        owner_id=survivor.owner_id,
        team_id=survivor.team_id,
        visibility=survivor.visibility,
    )


def _absorb(
    session: Session, command: MergeContacts, merge: Merge, survivor: Any,
    absorbed: Sequence[Any], *, now: datetime,
) -> None:  # fmt: skip
    """Give the survivor what it keeps of all, and note what that is."""
    kind = command.kind
    holding = begin(session, kind.held, {}, now=now, record=survivor)
    kind.rules.absorb(survivor, absorbed, command.choices)
    kind.place(session, survivor, {survivor.id, *merge.absorbed_ids})
    holding.judge(session, survivor, may_refuse=False)
    merge.after = kind.rules.snapshot(survivor)
    outbox.add(session, kind.updated, survivor, at=now)
    session.flush()


def _together(session: Session, command: MergeContacts) -> tuple[Any, list[Any]]:
    """Lock all in order, and refuse what cannot be merged."""
    kind = command.kind
    wanted = {command.survivor_id, *command.absorbed_ids}
    found = {each.id: each for each in merges.for_update(session, kind.of, wanted)}
    unknown = sorted(wanted - set(found))
    if unknown:
        raise NotFound(f"{kind.held.value} {unknown[0]}")
    survivor = found.pop(command.survivor_id)
    expect(survivor, command.expected_version)
    if not found or len(wanted) <= len(set(command.absorbed_ids)):
        said = ["a record is not merged with itself"]
        raise MergeRefused(errors={"absorbed_ids": said})
    for each in (survivor, *found.values()):
        if each.merged_into_id is not None:
            raise MergeRefused(each.id, errors={"absorbed_ids": ["merged already"]})
        if each.archived_at is not None:
            raise MergeRefused(each.id, errors={"absorbed_ids": ["archived; restore it first"]})
    _check_choices(command, wanted)
    return survivor, [found[each] for each in dict.fromkeys(command.absorbed_ids)]


def _check_choices(command: MergeContacts, wanted: set[UUID]) -> None:
    for name, chosen in command.choices.items():
        if name not in command.kind.rules.FIELDS and not name.startswith("custom."):
            raise Invalid({f"choices.{name}": ["not a field to choose"]})
        if chosen not in wanted:
            raise Invalid({f"choices.{name}": ["not one of those merged"]})


def preview(
    session: Session, command: MergeContacts, *, now: datetime
) -> tuple[Record, list[str], Mapping[str, int]]:
    """Merge in a transaction that the caller rolls back.

    Returns the survivor's record as it would be, its fields that differ, and what moves here.
    """
    merge = merge_contacts(session, command, now=now)
    survivor = records.for_update(session, command.kind.of, command.survivor_id)
    changed = sorted(name for name in merge.after if merge.after[name] != merge.before[name])
    return command.kind.record(survivor), changed, merge.moved["contacts"]
