"""Lists of fields, of rules, and of what breaks them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, select

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
