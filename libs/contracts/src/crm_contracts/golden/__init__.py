"""Golden samples: one believable story of a customer, told in facts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zlib import crc32

from crm_contracts.base import Fact, Record
from crm_contracts.golden.after import AFTER
from crm_contracts.golden.buying import BOUGHT
from crm_contracts.golden.filing import FILED
from crm_contracts.golden.records import EXAMPLES
from crm_contracts.golden.rows import ANNA

_START = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
_EVERY_VERB: dict[str, dict[str, Any]] = {
    "archived": {"archived_at": _START + timedelta(days=20)},
    "created": {"version": 1},
    "captured": {"version": 1},
    "opened": {"version": 1},
    "added": {"version": 1},
    "logged": {"version": 1},
}
_CHANGED: dict[str, tuple[str, ...]] = {
    "archived": ("archived_at",),
    "restored": ("archived_at",),
    "updated": ("owner_id",),
    "lifecycle_changed": ("lifecycle",),
    "stage_changed": ("stage_id", "stage_name", "probability", "weighted_amount"),
    "won": ("stage_id", "stage_name", "status", "probability", "closed_at"),
    "lost": ("stage_id", "stage_name", "status", "probability", "closed_at", "lost_reason"),
    "priority_changed": ("priority",),
}


def golden(fact_class: type[Fact[Any]]) -> Fact[Any]:
    """The sample of a fact, the same on every call."""
    service, entity, verb, _ = fact_class.type.split(".")
    record: Record = EXAMPLES[fact_class.record_type]
    special = (AFTER | BOUGHT | FILED).get(f"{service}.{entity}.{verb}", {})
    created = verb in {"created", "captured", "added", "logged"}
    number = crc32(fact_class.type.encode())  # stays the same when other facts come and go
    at = _START + timedelta(minutes=number % 600)
    record = replace(record, **{"updated_at": at, **_EVERY_VERB.get(verb, {}), **special})
    return fact_class(
        id=UUID(int=0x0193_0000_0000_7000_8000_00F0_0000_0000 + number),
        time=at,
        actor=f"user:{ANNA}",
        correlation_id=UUID(int=0x0193_0000_0000_7000_8000_00C0_0000_0000 + number),
        record=record,
        changed=() if created else _changed(verb, record, special),
        on_behalf_of=None,
        causation_id=None,
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        hops=0,
    )


def _changed(verb: str, record: Record, special: dict[str, Any]) -> tuple[str, ...]:
    if verb == "assigned":
        return ("assignee_id" if hasattr(record, "assignee_id") else "owner_id",)
    return _CHANGED.get(verb, tuple(special))
