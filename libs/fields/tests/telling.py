"""What contacts tells of fields and rules, as the services that copy it take it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

import crm_contracts as contracts
from crm_chassis import ids
from crm_chassis.project import CopyFolder
from crm_chassis.project.projector import item_of
from crm_contracts.contacts import FieldUpdated, ValidationRuleUpdated

_PLAIN_FIELD = {
    "options": (), "required": False, "unique": False, "searchable": False, "sensitive": False,
    "archived_at": None, "position": 0,
}  # fmt: skip
_PLAIN_RULE = {
    **dict.fromkeys(("when", "require", "forbid", "match", "range", "unique")),
    "severity": "block", "active": True, "archived_at": None, "message": "Not like this.",
}  # fmt: skip


class Telling:
    """Folds definitions into a service's copies; puts all away at the end."""

    def __init__(self, sessions: sessionmaker[Session], copies: Any) -> None:
        self.sessions, self.copies = sessions, copies
        self.told: dict[Any, Any] = {}

    def field(self, of: str, key: str, type_: str = "string", **more: Any) -> Any:
        given = {"id": ids.new(), "object": of, "key": key, "label": key.title(), "type": type_}
        return self._tell("field_copy", FieldUpdated, {**_PLAIN_FIELD, **given, **more})

    def rule(self, of: str, **more: Any) -> Any:
        given = {"id": ids.new(), "object": of, "name": "A rule"}
        return self._tell("validation_rule_copy", ValidationRuleUpdated,
                          {**_PLAIN_RULE, **given, **more})  # fmt: skip

    def again(self, record: Any, **changes: Any) -> Any:
        """Tell of a change."""
        table, fact = self.told[record.id]
        kept = {each.name: getattr(record, each.name) for each in fields(record)}
        return self._tell(table, fact, {**kept, **changes}, version=record.version + 1)

    def put_away(self) -> None:
        for table, _ in {each[0]: each for each in self.told.values()}.values():
            with self.sessions() as session, session.begin():
                session.connection().exec_driver_sql(f"delete from {table}")

    def _tell(self, table: str, fact_class: Any, given: Any, *, version: int = 1) -> Any:
        sample = contracts.sample(fact_class)
        fact = replace(sample, record=replace(sample.record, **{**given, "version": version}))
        folder = CopyFolder(next(copy for copy in self.copies if copy.table == table))
        with self.sessions() as session, session.begin():
            driver = session.connection().connection.driver_connection
            folder.fold(driver, [item_of(contracts.encode(fact))])
        self.told[fact.record.id] = (table, fact_class)
        return fact.record


@contextmanager
def told(sessions: sessionmaker[Session], copies: Any) -> Iterator[Telling]:
    telling = Telling(sessions, copies)
    yield telling
    telling.put_away()
