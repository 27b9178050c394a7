"""Pointing what refers to an absorbed record at its survivor, and back."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, any_, literal, select
from sqlalchemy.orm import Session

from crm_chassis import db, outbox

_ARCHIVED = "archived_at"
Counts = dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A field of aggregates that holds the id of a record that may be merged.

    `told` announces the change. `once_per` names a field beside which a record may stand only
    once: where the survivor stands already, the absorbed one's aggregate is archived, not moved.
    """

    of: type[db.Aggregate]
    field: str
    told: outbox.Factory
    once_per: str | None = None

    @property
    def kind(self) -> str:
        """The kind of the aggregates."""
        return str(self.of.__table__.name)  # type: ignore[attr-defined]

    @property
    def column(self) -> Any:
        """The field in SQL."""
        return getattr(self.of, self.field)

    def holds(self, record_id: UUID) -> ColumnElement[bool]:
        """Say in SQL whether the field points at a record."""
        return self.column == record_id  # type: ignore[no-any-return]

    def swapped(self, value: Any, old: UUID, new: UUID) -> Any:
        """Return the field's value with `new` in the place of `old`."""
        return new if value == old else value

    def apart(self, value: Any, old: UUID, new: UUID, before: Any) -> Any:
        """Return the value with `old` in the place of `new` again; `before`: as it was `dumped`."""
        del before
        return self.swapped(value, new, old)

    def dumped(self, value: Any) -> Any:
        """Return of a value for JSON what `apart` needs to know."""
        del value


class ListReference(Reference):
    """A field that holds the ids of several records, each once."""

    def holds(self, record_id: UUID) -> ColumnElement[bool]:
        """Say in SQL whether the list names a record."""
        return literal(record_id) == any_(self.column)

    def swapped(self, value: Any, old: UUID, new: UUID) -> Any:
        """Return the list with `new` in the place of `old`, without repeats."""
        return list(dict.fromkeys(new if each == old else each for each in value))

    def apart(self, value: Any, old: UUID, new: UUID, before: Any) -> Any:
        """Return the list as it was; where it was changed since, with `old` beside or for `new`."""
        was = [UUID(each) for each in before]
        if value == self.swapped(was, old, new):
            return was
        found = self.swapped(value, new, old)
        return [*found, new] if new in was and old in found else found

    def dumped(self, value: Any) -> Any:
        """Return the ids as text."""
        return [str(each) for each in value]


def move(
    session: Session, references: Iterable[Reference], old: UUID, new: UUID, *, now: datetime
) -> Counts:
    """Point at `new` whatever points at `old` and note it; return how many of each kind moved."""
    moved: set[tuple[str, UUID]] = set()
    for reference in references:
        taken = _beside(session, reference, new)
        found = _locked(session, reference, _movable(reference, old))
        notes = [_moved(reference, each, old, new, taken, now=now) for each in found]
        moved |= _announce(session, reference, found, now=now)
        if notes:
            columns = {name: [note[name] for note in notes] for name in notes[0]}
            whose = {"old": old, "new": new, "kind": reference.kind}
            db.cursor(session).execute(_NOTE, {**columns, **whose})
    return dict(Counter(kind for kind, _ in moved))


def put_back(
    session: Session, references: Iterable[Reference], old: UUID, *, now: datetime
) -> Counts:
    """Give back to `old` what was moved from it; what points elsewhere by now stays there."""
    moved: set[tuple[str, UUID]] = set()
    notes = db.cursor(session).execute(_TAKE, (old,)).fetchall()
    for reference in references:
        mine = {
            note[2]: note
            for note in sorted(notes, reverse=True)
            if note[3] == reference.kind and note[4] in {reference.field, _ARCHIVED}
        }
        rows = _locked(session, reference, reference.of.id.in_(list(mine))) if mine else ()
        taken = _beside(session, reference, old)
        found = [each for each in rows if _gave_back(reference, each, mine[each.id], old, taken)]
        moved |= _announce(session, reference, found, now=now)
    return dict(Counter(kind for kind, _ in moved))


def _announce(
    session: Session, reference: Reference, found: Iterable[db.Aggregate], *, now: datetime
) -> set[tuple[str, UUID]]:
    for each in found:
        outbox.add(session, reference.told, each, at=now)
    session.flush()
    return {(reference.kind, each.id) for each in found}


def _locked(session: Session, reference: Reference, which: Any) -> Sequence[Any]:
    of: Any = reference.of
    return session.scalars(select(of).where(which).order_by(of.id).with_for_update()).all()


def _movable(reference: Reference, old: UUID) -> Any:
    """Say in SQL what is to be moved; not what an earlier merge archived for being there twice."""
    held = reference.holds(old)
    return held if reference.once_per is None else held & reference.of.archived_at.is_(None)


def _beside(session: Session, reference: Reference, new: UUID) -> set[Any]:
    if reference.once_per is None:
        return set()
    beside = getattr(reference.of, reference.once_per)
    return set(session.scalars(select(beside).where(reference.holds(new))))


def _moved(
    reference: Reference, each: Any, old: UUID, new: UUID, taken: set[Any], *, now: datetime
) -> Mapping[str, Any]:
    """Change one aggregate; return what to note of it."""
    value = getattr(each, reference.field)
    if reference.once_per and getattr(each, reference.once_per) in taken:
        was_live = each.archived_at is None
        each.archived_at = each.archived_at or now
        return {"field": _ARCHIVED, "id": each.id, "before": orjson.dumps(was_live).decode()}
    setattr(each, reference.field, reference.swapped(value, old, new))
    before = orjson.dumps(reference.dumped(value)).decode()
    return {"field": reference.field, "id": each.id, "before": before}


def _gave_back(
    reference: Reference, each: Any, note: Sequence[Any], old: UUID, taken: set[Any]
) -> bool:
    """Undo one note; say whether anything changed."""
    _, new, _, _, field, before = note
    if field == _ARCHIVED:
        was_archived, each.archived_at = each.archived_at, None if before else each.archived_at
        return bool(was_archived != each.archived_at)
    if taken and getattr(each, str(reference.once_per)) in taken:
        return False
    value = getattr(each, reference.field)
    setattr(each, reference.field, reference.apart(value, old, new, before))
    return bool(getattr(each, reference.field) != value)


_NOTE = """
insert into moved_reference (absorbed_id, survivor_id, kind, field, record_id, before)
select %(old)s, %(new)s, %(kind)s, field, id, before::jsonb
from unnest(%(field)s::text[], %(id)s::uuid[], %(before)s::text[]) as note(field, id, before)
"""
_TAKE = """
delete from moved_reference where absorbed_id = %s
returning seq, survivor_id, record_id, kind, field, before
"""
