"""Lists of fields, of rules, and of what breaks them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from crm_chassis import db
from crm_contacts.model.field import Field
from crm_contacts.model.rule import NamingRule, ValidationRule

Listed = type[Field] | type[ValidationRule] | type[NamingRule]


def listed(kind: Listed, filters: Mapping[str, Any]) -> Select[Any]:
    """Fields or rules that pass the filters."""
    statement = select(kind)
    for name in ("object", "active"):
        if name in filters:
            statement = statement.where(getattr(kind, name) == filters[name])
    put_away = kind.archived_at.is_not(None)
    return statement.where(put_away if filters["archived"] else ~put_away)


def sorts(kind: Listed) -> Mapping[str, Any]:
    """What the list may be sorted by."""
    names = ("created_at", "public_no", "position")
    return {name: getattr(kind, name) for name in names if hasattr(kind, name)}


def breaches(
    session: Session, filters: Mapping[str, Any], *, after: list[str] | None, limit: int
) -> list[dict[str, Any]]:
    """Up to `limit` rules that records break since they were last written, behind `after`."""
    values = {name: filters.get(name) for name in ("object", "rule_id", "record_id")}
    values |= dict(zip(("a", "b", "c"), after or (None, None, None), strict=True))
    cursor = db.cursor(session).execute(_BREACHES, {**values, "limit": limit})
    names = [each.name for each in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor]


_BREACHES = """
select object, record_id, rule_id, field, message, severity, suggestion, noted_at
from rule_breach
where (%(object)s::text is null or object = %(object)s)
  and (%(rule_id)s::uuid is null or rule_id = %(rule_id)s)
  and (%(record_id)s::uuid is null or record_id = %(record_id)s)
  and (%(a)s::uuid is null
       or (record_id, rule_id, field) > (%(a)s::uuid, %(b)s::uuid, %(c)s::text))
order by record_id, rule_id, field limit %(limit)s
"""
