"""Waiting for the services that follow a merge, or its undoing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_contacts.events import merges as told
from crm_contacts.queries import merges


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    """A service has followed what was told of a version of an absorbed record."""

    service: str
    absorbed_id: UUID
    absorbed_version: int
    counts: Mapping[str, int]


def acknowledge(session: Session, command: Acknowledge, *, now: datetime) -> None:
    """Note it on the merge that waits for it."""
    absorbed_id, version = command.absorbed_id, command.absorbed_version
    merge = merges.awaiting(session, absorbed_id, version, command.service)
    if merge is not None:
        merge.acknowledge(absorbed_id, version, command.service, command.counts)
        outbox.add(session, told.merge_updated, merge, at=now)
