"""Ids of others' records, accepted unseen: each gets its place in our copy before we store it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis.project import refer_all

_COPY_OF = {
    "account_id": "account_copy",
    "primary_contact_id": "contact_copy",
    "contact_id": "contact_copy",
    "contact_ids": "contact_copy",
    "owner_id": "user_copy",
}


def referred(session: Session, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The same fields, with the ids of merged records replaced by those of their survivors."""
    survivors = _survivors(session, [fields])
    settled = dict(fields)
    for name, table in _COPY_OF.items():
        found = [survivors[table, each] for each in _ids(fields.get(name))]
        if name == "contact_ids" and name in fields:
            settled[name] = list(dict.fromkeys(found))
        elif found:
            settled[name] = found[0]
    return settled


def refer_together(session: Session, every: Iterable[Mapping[str, Any]]) -> None:
    """Settle the ids of a whole batch with one statement per copy; `referred` then asks nothing.

    The answers hold for the present savepoint only: a rollback takes their placeholders along.
    """
    if _remembered(session) is None:
        found = _survivors(session, every)
        session.info["referred"] = (session.get_nested_transaction(), found)


def _survivors(
    session: Session, every: Iterable[Mapping[str, Any]]
) -> dict[tuple[str, UUID], UUID]:
    known = _remembered(session) or {}
    wanted: dict[str, set[UUID]] = {}
    for fields in every:
        for name, table in _COPY_OF.items():
            asked = {each for each in _ids(fields.get(name)) if (table, each) not in known}
            wanted.setdefault(table, set()).update(asked)
    found = dict(known)
    for table in sorted(wanted):
        for given, kept in refer_all(session, table, wanted[table]).items():
            found[table, given] = kept
    return found


def _remembered(session: Session) -> dict[tuple[str, UUID], UUID] | None:
    savepoint, found = session.info.get("referred", (None, None))
    return found if savepoint is session.get_nested_transaction() else None


def _ids(value: Any) -> Iterator[UUID]:
    if isinstance(value, UUID):
        yield value
    elif value is not None:
        yield from value
