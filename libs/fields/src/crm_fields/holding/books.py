"""Reading all fields and rules, once for each time somebody changed one."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import db
from crm_fields.objects import Held
from crm_fields.rulebook import Part, rules_that_count
from crm_fields.spelling import SPELLING
from crm_fields.types import FieldType, Spec

B = TypeVar("B")
Parts = Mapping[Held, Part]
_MOST_KEPT = 8


class Books(Generic[B]):
    """What counts, kept by its stamp: a row that changes whenever a field or a rule does."""

    def __init__(self, read: Callable[[Session], B], empty: B) -> None:
        """Take how all is read, and what counts before the first field or rule was made."""
        self._read, self._empty = read, empty
        self._lock = threading.Lock()
        self._kept: dict[UUID, B] = {}

    def now(self, session: Session, *, is_held: bool = False) -> B:
        """Return what counts now. With `is_held` nobody changes it before the transaction ends."""
        if is_held:
            db.cursor(session).execute(_HOLD)
        wanted = stamp(session)
        if wanted is None:
            return self._empty
        with self._lock:
            kept = self._kept.get(wanted)
        if kept is not None:
            return kept
        read = self._read(session)
        with self._lock:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[wanted] = read
        return read


def stamp(session: Session) -> UUID | None:
    """Return what changes whenever a field or rule does; None: there never was one."""
    row = db.cursor(session).execute("select stamp from rulebook").fetchone()
    return row[0] if row else None


def of_copies(*held: Held) -> Books[Parts]:
    """Return what counts for these kinds of records in a service that keeps copies of it all."""
    empty = {each: Part(held=each) for each in held}
    return Books(lambda session: {each: _part(session, each) for each in held}, empty)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """A rule as it is copied."""

    id: UUID
    kind_of_check: str
    argument: Any
    message: str
    when: Any
    severity: str


def _part(session: Session, held: Held) -> Part:
    cursor = db.cursor(session)
    specs = {row[1]: _spec(row) for row in cursor.execute(_FIELDS, (held.value,)).fetchall()}
    rows = cursor.execute(_RULES, (held.value,)).fetchall()
    names = ("id", "kind_of_check", "argument", "message", "when", "severity")
    rules = (_Kept(**dict(zip(names, row, strict=True))) for row in rows)
    return Part(held=held, specs=specs, rules=rules_that_count(held, rules, specs))


def _spec(row: Sequence[Any]) -> Spec:
    id_, key, label, type_, options, required, unique, searchable, sensitive, archived_at = row
    return Spec(
        id=id_, key=key, label=label, type=FieldType(type_),
        options=tuple((each["value"], each["label"]) for each in options or ()),
        required=required, unique=unique, searchable=searchable, sensitive=sensitive,
        archived=archived_at is not None, spelling=SPELLING,
    )  # fmt: skip


_HOLD = "select pg_advisory_xact_lock_shared(hashtextextended('rulebook', 0))"
_FIELDS = """
select id, key, label, type, options, required, "unique", searchable, sensitive, archived_at
from field_copy where object = %s and version > 0 order by position, id
"""
_RULES = """
select id, kind_of_check, argument, message, "when", severity
from validation_rule_copy
where object = %s and version > 0 and active and archived_at is null
  and kind_of_check is not null order by id
"""
