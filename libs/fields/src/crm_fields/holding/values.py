"""Values of the company's own fields: who has them, and what is kept apart."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_chassis import db
from crm_fields.holding.asking import Records, condition
from crm_fields.judging import Rule
from crm_fields.kinds import Kind, value_of
from crm_fields.language import All, Condition
from crm_fields.objects import Held
from crm_fields.rulebook import Part


def taken(
    session: Session, held: Held, wanted: Iterable[tuple[str, str]], *, but: UUID | None = None
) -> Mapping[tuple[str, str], UUID]:
    """Return which of these (key, value in small letters) of unique fields live records have."""
    pairs = sorted(set(wanted))
    if not pairs:
        return {}
    values = {
        "object": held.value, "keys": [key for key, _ in pairs],
        "values": [value for _, value in pairs], "but": but,
    }  # fmt: skip
    rows = db.cursor(session).execute(_TAKEN, values)
    return {(row[0], row[1]): row[2] for row in rows}


def twin(
    session: Session,
    part: Part,
    records: Records,
    rule: Rule,
    values: Mapping[str, Any],
    *,
    but: UUID | None,
    now: datetime,
) -> UUID | None:
    """Return another live record with the same values of a rule's fields; none where one is null."""
    kinds = part.language.fields
    parts = []
    for name in rule.fields:
        if values.get(name) in (None, ""):
            return None
        plain = _plain(values[name])
        # A text may be longer than what anybody may ask for.
        value = str(plain) if kinds[name] is Kind.TEXT else value_of(kinds[name], plain)
        parts.append(Condition(name, "eq", value, kinds[name]))
    model = records.model
    statement = select(model.id).where(
        condition(part, records, All(tuple(parts)), now=now), model.archived_at.is_(None)
    )
    if but is not None:
        statement = statement.where(model.id != but)
    found: UUID | None = session.scalar(statement.limit(1))
    return found


def secret_of(session: Session, held: Held, record_id: UUID) -> Mapping[str, Any]:
    """Return what a record holds in its sensitive fields."""
    statement = f"select secret from {held.value} where id = %s"  # noqa: S608 - one of five tables
    row = db.cursor(session).execute(statement, (record_id,)).fetchone()
    return row[0] if row else {}


def _plain(value: Any) -> Any:
    return value["amount"] if isinstance(value, Mapping) else value


_TAKEN = """
select v.key, v.unique_key, v.record_id
from unnest(%(keys)s::text[], %(values)s::text[]) as wanted(key, value)
join custom_value v on v.object = %(object)s and v.key = wanted.key and v.unique_key = wanted.value
where v.record_id is distinct from %(but)s::uuid
"""
