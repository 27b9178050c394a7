"""Being given many things at once: the first few each on a line, the rest on one with their number."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from crm_chassis import ids
from crm_gateway.queries import notifications as queries

# By one person, of one kind, within an hour.
_EACH_ON_A_LINE = {"contact": 3, "account": 3}
_OTHERS_ON_A_LINE = 20
Row = Mapping[str, Any]


def keep(session: Session, row: Row) -> None:
    """Keep that somebody was given something; where there was much of it this hour, count it."""
    hour = row["at"].replace(minute=0, second=0, microsecond=0)
    most = _EACH_ON_A_LINE.get(row["about_kind"], _OTHERS_ON_A_LINE)
    if queries.number_like(session, row, since=hour, most=most) < most:
        return queries.keep(session, [row])
    return queries.count_in(session, {**row, **_line_of_many(row, hour)})


def _line_of_many(row: Row, hour: datetime) -> Row:
    same = (row["user_id"], row["actor"], row["about_kind"], hour.isoformat())
    line_id = ids.derived("many", *same)
    return {"id": line_id, "group_kind": f"{row['about_kind']}s", "group_id": line_id}
