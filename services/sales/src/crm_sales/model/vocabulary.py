"""A record's values by the names that rules and lists know."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from crm_fields.objects import FIELDS, Held
from crm_fields.rulebook import custom_values
from crm_sales.model.deal import Deal
from crm_sales.model.lead import Lead

KINDS = {Deal: Held.DEAL, Lead: Held.LEAD}


def values_of(record: Deal | Lead) -> dict[str, Any]:
    """Return a record's values by the names that rules use."""
    names = [name for name in FIELDS[KINDS[type(record)]] if "." not in name]
    found = {name: _plain(getattr(record, name)) for name in names}
    if isinstance(record, Deal):
        amount = record.amount
        found["amount"] = amount.amount if amount else None
        found["amount.currency"] = amount.currency if amount else None
    return found | custom_values(record.custom)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, StrEnum) else value
