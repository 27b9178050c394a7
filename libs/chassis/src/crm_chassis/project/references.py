"""Foreign ids in the fields of a command, each accepted unseen and replaced by its survivor's."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis.project.refer import refer_all

Survivors = dict[tuple[str, UUID], UUID]


class References:
    """Which fields hold ids of which copies: `References({"account_id": "account_copy"})`."""

    def __init__(self, tables: Mapping[str, str]) -> None:
        """`tables` maps a field, which holds one id or several, to the table of the copy."""
        self._tables = dict(tables)

    def settled(self, session: Session, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return the same fields with the ids to store; a list keeps its order, without repeats."""
        survivors = self._survivors(session, [fields])
        settled = dict(fields)
        for name in self._tables.keys() & fields.keys():
            settled[name] = _replaced(fields[name], self._tables[name], survivors)
        return settled

    def settle_together(self, session: Session, every: Iterable[Mapping[str, Any]]) -> None:
        """Ask for the ids of a whole batch, one statement per copy; `settled` then asks nothing.

        What is learned holds for the present savepoint: a rollback takes its placeholders along.
        """
        if _remembered(session) is None:
            found = self._survivors(session, every)
            session.info["references"] = (session.get_nested_transaction(), found)

    def _survivors(self, session: Session, every: Iterable[Mapping[str, Any]]) -> Survivors:
        found = dict(_remembered(session) or {})
        wanted: dict[str, set[UUID]] = {}
        for name, value in _walk(every):
            table = self._tables.get(name)
            if table:
                wanted.setdefault(table, set()).update(_ids(value))
        for table in sorted(wanted):
            unseen = [each for each in wanted[table] if (table, each) not in found]
            for given, kept in refer_all(session, table, unseen).items():
                found[table, given] = kept
        return found


def _remembered(session: Session) -> Survivors | None:
    savepoint, found = session.info.get("references", (None, None))
    return found if savepoint is session.get_nested_transaction() else None


def _replaced(value: Any, table: str, survivors: Survivors) -> Any:
    if value is None or isinstance(value, UUID):
        return survivors.get((table, value)) if value else None
    return list(dict.fromkeys(survivors[table, each] for each in value))


def _walk(every: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    for fields in every:
        for name, value in fields.items():
            if isinstance(value, Mapping):
                yield from _walk([value])
            else:
                yield name, value


def _ids(value: Any) -> Iterator[UUID]:
    if isinstance(value, UUID):
        yield value
    elif value is not None:
        yield from value
