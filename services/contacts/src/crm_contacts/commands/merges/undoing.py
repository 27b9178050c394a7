"""Telling merged records apart again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import db, outbox
from crm_chassis.project import put_back
from crm_contacts.commands.changing import expect
from crm_contacts.commands.holding import begin
from crm_contacts.commands.merges.kinds import KINDS, Kind
from crm_contacts.events import merges as told
from crm_contacts.model.errors import MergedSince, UndoTooLate
from crm_contacts.model.merge import Merge
from crm_contacts.queries import merges, records


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoMerge:
    """Tell merged records apart again.

    The version may be left out: nothing of a merge changes but who has followed it.
    """

    merge_id: UUID
    expected_version: int | None = None


def undo_merge(session: Session, command: UndoMerge, *, now: datetime) -> Merge:
    """Undo once and announce; the other services follow by fact.

    Raises NotFound, StaleVersion, UndoTooLate, MergedSince, ParentCycle; an address that somebody
    else has by now is refused by the database.
    """
    kind = KINDS[merges.subject_type(session, command.merge_id)]
    kind.prepare(session)
    merge = records.for_update(session, Merge, command.merge_id)
    if merge.is_undone:
        return merge
    if command.expected_version is not None:
        expect(merge, command.expected_version)
    if now > merge.undo_until:
        raise UndoTooLate(merge.id)
    db.say_source(session, "merge")
    survivor, absorbed, former = _apart(session, kind, merge)
    kind.parting(survivor, absorbed)
    conflicts = _withdraw(session, kind, merge, survivor, now=now)
    _set_free(session, kind, merge, absorbed, former, now=now)
    for each in absorbed:
        put_back(session, kind.references, each.id, now=now)
    kind.parted(session, merge, survivor, absorbed, now=now)
    merge.undo(conflicts, at=now)
    merge.wait_for((*absorbed, *former))
    outbox.add(session, told.merge_undone, merge, at=now)
    return merge


def _withdraw(
    session: Session, kind: Kind, merge: Merge, survivor: Any, *, now: datetime
) -> list[str]:
    holding = begin(session, kind.held, {}, now=now, record=survivor)
    conflicts: list[str] = kind.rules.withdraw(survivor, merge.before, merge.after)
    holding.judge(session, survivor, may_refuse=False)
    outbox.add(session, kind.updated, survivor, at=now)
    session.flush()  # which frees the addresses
    return conflicts


def _set_free(
    session: Session, kind: Kind, merge: Merge, absorbed: Sequence[Any], former: Sequence[Any],
    *, now: datetime,
) -> None:  # fmt: skip
    for each in absorbed:
        each.restore()
        outbox.add(session, kind.unmerged, each, at=now)
    for each in former:
        each.merged_into_id = UUID(merge.redirected[str(each.id)])
        outbox.add(session, kind.merged, each, at=now)
    session.flush()


def _apart(session: Session, kind: Kind, merge: Merge) -> tuple[Any, list[Any], list[Any]]:
    """Lock all; those absorbed last come first, for each goes back to what it was just before."""
    redirected = [UUID(each) for each in merge.redirected]
    wanted = {merge.survivor_id, *merge.absorbed_ids, *redirected}
    found = {each.id: each for each in merges.for_update(session, kind.of, wanted)}
    survivor = found[merge.survivor_id]
    absorbed = [found[each] for each in reversed(merge.absorbed_ids)]
    former = [found[each] for each in redirected]
    if survivor.archived_at is not None or any(
        each.merged_into_id != survivor.id for each in (*absorbed, *former)
    ):
        raise MergedSince(survivor.id)
    return survivor, absorbed, former
