"""Values of the company's own fields: how often they occur among our records."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from crm_chassis import db
from crm_fields.objects import Held

OURS = frozenset({Held.CONTACT, Held.ACCOUNT})


def options_in_use(
    session: Session, held: Held, key: str, options: Sequence[str]
) -> dict[str, int]:
    """Return how many of our records, archived ones too, have each of these options, if any."""
    rows = db.cursor(session).execute(_IN_USE, (held.value, key, list(options)))
    return {row[0]: row[1] for row in rows}


def sharing(session: Session, held: Held, key: str) -> int:
    """Return how many of our live records have a value of this field that another has too."""
    if held not in OURS:
        return 0
    row = db.cursor(session).execute(_SHARING.format(table=held.value), (key, key)).fetchone()
    return int(row[0]) if row else 0


_IN_USE = """
select text_value, count(*) from custom_value
where object = %s and key = %s and text_value = any(%s) group by 1 order by 1
"""
_SHARING = """
select coalesce(sum(n), 0) from (
    select count(*) as n from {table} where jsonb_exists(custom, %s) and archived_at is null
    group by lower(custom ->> %s) having count(*) > 1
) as shared
"""
