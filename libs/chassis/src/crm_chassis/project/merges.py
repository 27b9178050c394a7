"""Following merges of records that a service keeps copies of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

import crm_contracts as contracts
from crm_chassis import db, ids, outbox
from crm_chassis.project.copies import Copy, CopyFolder
from crm_chassis.project.items import item_of
from crm_chassis.project.repointing import Reference, move, put_back


class RepointingRow(db.Aggregate):
    """Mixin of a service's `repointing`: that it followed a version of a record."""

    __abstract__ = True

    absorbed_id: Mapped[UUID]
    absorbed_version: Mapped[int]
    survivor_id: Mapped[UUID | None] = mapped_column(default=None)
    counts: Mapped[dict[str, int]] = mapped_column(JSONB, default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """How a service follows: what refers to the records, and the `row` that it tells."""

    references: Sequence[Reference]
    row: type[Any]
    told: outbox.Factory

    def follow(
        self, session: Session, fact: contracts.Fact[Any], copy: Copy, *, now: datetime
    ) -> UUID | None:
        """Bring all references in line with the newest version known of the fact's record.

        Not the fact but the copy decides, so facts may come in any order. Folding it takes the
        copy's row: commands about to refer to the record are waited for, later ones follow the
        merge. Returns the survivor, None when the record stands alone.
        """
        connection: Any = session.connection().connection.driver_connection
        CopyFolder(copy).fold(connection, [item_of(contracts.encode(fact))])
        old, survivor_id = fact.record.id, _survivor(session, copy, fact.record.id)
        said_id = ids.derived("repointing", self.row.__module__, fact.id)
        if session.get(self.row, said_id) is not None:
            return survivor_id
        if survivor_id is None:
            counts = put_back(session, self.references, old, now=now)
        else:
            counts = move(session, self.references, old, survivor_id, now=now)
        said = self.row(
            id=said_id,
            absorbed_id=old,
            absorbed_version=fact.record.version,
            survivor_id=survivor_id,
            counts=counts,
        )
        outbox.add(session, self.told, said, at=now)
        return survivor_id


def _survivor(session: Session, copy: Copy, record_id: UUID) -> UUID | None:
    statement = _SURVIVOR.format(sql.Identifier(copy.table))
    row = db.cursor(session).execute(statement, (record_id,)).fetchone()
    return row[0] if row else None


_SURVIVOR = sql.SQL("select merged_into from {} where id = %s for update")
