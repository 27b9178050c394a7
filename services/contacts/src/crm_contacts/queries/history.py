"""Reading what changed, when and by whom."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from crm_contacts.model.rulebook import is_mask

_MASKED = "•••"
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


def _one_by_one(field: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    """A change of `custom` as one change of each field in it."""
    if field != "custom":
        yield field, old, new
        return
    was, becomes = old or {}, new or {}
    for key in sorted({*was, *becomes}):
        if was.get(key) != becomes.get(key):
            yield f"custom.{key}", _shown(was.get(key)), _shown(becomes.get(key))


def _shown(value: Any) -> Any:
    return _MASKED if is_mask(value) else value


def _change(row: dict[str, Any]) -> dict[str, Any]:
    at: datetime = row["at"]
    fields = row.pop("fields")
    old, new = row.pop("old") or {}, row.pop("new") or {}
    changes = [
        {"field": name, "old": was, "new": becomes}
        for field in fields
        for name, was, becomes in _one_by_one(field, old.get(field), new.get(field))
    ]
    return row | {"at": at.isoformat().replace("+00:00", "Z"), "changes": changes}
