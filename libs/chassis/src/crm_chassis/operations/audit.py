"""Who did what here, and when: rows are only added, and the database refuses anything else."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from crm_chassis import audit

MOST_SHOWN = 500


def note(
    cursor: Any, *, actor: str, action: str, subject: str, now: datetime, **detail: object
) -> None:
    """Add a row here and to the audit trail, in one transaction of the caller's.

    Give ids and numbers, no personal data.
    """
    values = (now, actor, action, subject, orjson.dumps(detail).decode())
    cursor.execute(_NOTE, values)
    entry = audit.Entry(
        action=action.replace(" ", "."), actor=actor, at=now, source="operator",
        object_id=_id(subject), detail={"subject": subject, **detail},
    )  # fmt: skip
    audit.write(cursor, [entry])


def operations(cursor: Any, *, limit: int = MOST_SHOWN) -> list[dict[str, Any]]:
    """Return the newest operations first."""
    names = ("seq", "at", "actor", "action", "subject", "detail")
    rows = cursor.execute(_LIST, (min(limit, MOST_SHOWN),)).fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]


def _id(subject: str) -> UUID | None:
    try:
        return UUID(subject)
    except ValueError:
        return None


_NOTE = """
insert into operation (at, actor, action, subject, detail) values (%s, %s, %s, %s, %s::jsonb)
"""
_LIST = "select seq, at, actor, action, subject, detail from operation order by seq desc limit %s"
