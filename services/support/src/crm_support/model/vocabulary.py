"""A ticket's values by the names that rules and lists know."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from crm_fields.objects import FIELDS, Held
from crm_fields.rulebook import custom_values
from crm_support.model.ticket import Ticket


def values_of(ticket: Ticket) -> dict[str, Any]:
    """Return a ticket's values by the names that rules use."""
    found = {name: _plain(getattr(ticket, name)) for name in FIELDS[Held.TICKET]}
    return found | custom_values(ticket.custom)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, StrEnum) else value
