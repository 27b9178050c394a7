"""The line that a fact leaves on its customers' timelines."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from crm_contracts.base import RECORDS, SERVICES, Fact, Record

_LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry(Record):
    """One immutable line of a timeline; its id is the fact's."""

    service: ClassVar[str] = "*"  # every service writes its own
    kind: ClassVar[str] = "timeline"
    plural: ClassVar[str] = "timeline"

    at: datetime
    entry_service: str
    entry_kind: str
    title: str
    actor: str
    subject_kind: str
    subject_id: UUID
    customer_ids: tuple[UUID, ...]

    def customers(self) -> frozenset[UUID]:
        return frozenset(self.customer_ids)


RECORDS.update({(service, "timeline"): TimelineEntry for service in SERVICES})


def timeline_entry(fact: Fact[Record]) -> TimelineEntry | None:
    """What the timeline shows of a fact: None if it has no title or no customer, or is restated.

    Pure: the source stores it beside its outbox row, a reader computes the same from the fact.
    """
    if fact.title is None or fact.restated:
        return None
    record = fact.record
    customers = record.customers()
    if not customers:
        return None
    service, entity, verb, _ = fact.type.split(".")
    return TimelineEntry(
        id=fact.id,
        public_no=0,
        version=1,
        created_at=fact.time,
        updated_at=fact.time,
        created_by=fact.actor,
        updated_by=fact.actor,
        owner_id=record.owner_id,
        team_id=record.team_id,
        visibility=record.visibility,
        at=(getattr(record, fact.at) if fact.at else None) or fact.time,
        entry_service=service,
        entry_kind=f"{entity}.{verb}",
        title=fact.title.format_map(_Fields(record)).rstrip(": ")[:_LONGEST_TITLE],
        actor=fact.actor,
        subject_kind=record.kind,
        subject_id=record.id,
        customer_ids=tuple(sorted(customers)),
    )


class _Fields(dict[str, object]):
    """A record's fields, looked up one by one as the title asks for them."""

    __slots__ = ("_record",)

    def __init__(self, record: Record) -> None:
        super().__init__()
        self._record = record

    def __missing__(self, name: str) -> object:
        value = getattr(self._record, name)
        return "" if value is None else value
