"""Reading what changed, when and by whom."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

_HISTORY = sa.table(
    "history",
    *(sa.column(name) for name in ("kind", "record_id", "version", "fact_id", "at")),
    *(sa.column(name) for name in ("actor", "on_behalf_of", "source")),
    sa.column("fields", ARRAY(sa.Text)),
)
_VALUE = sa.table(
    "history_value", sa.column("fact_id"), sa.column("old", JSONB), sa.column("new", JSONB)
)


def changes_of(
    session: Session, kind: str, record_id: UUID, *, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Up to `limit` changes of a record, newest first, of versions below `before`."""
    past = _HISTORY.c
    statement = (
        sa.select(past.version, past.at, past.actor, past.on_behalf_of, past.source, past.fields)
        .add_columns(_VALUE.c.old, _VALUE.c.new)
        .select_from(_HISTORY.outerjoin(_VALUE, _VALUE.c.fact_id == past.fact_id))
        .where(past.kind == kind, past.record_id == record_id)
        .order_by(past.version.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(past.version < before)
    return [_change(row._asdict()) for row in session.execute(statement)]


def _change(row: dict[str, Any]) -> dict[str, Any]:
    at: datetime = row["at"]
    fields = row.pop("fields")
    old, new = row.pop("old") or {}, row.pop("new") or {}
    changes = [{"field": name, "old": old.get(name), "new": new.get(name)} for name in fields]
    return row | {"at": at.isoformat().replace("+00:00", "Z"), "changes": changes}
