"""What projecting is about: records as their owners told them, and what folds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import psycopg

import crm_contracts as contracts


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of record of one service."""

    service: str
    kind: str


@dataclass(frozen=True, slots=True)
class Origin:
    """The fact a record came with: its type, when it happened, in which trace."""

    type: str
    at: datetime
    traceparent: str | None
    restated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A record as its owner told it; `body` None: erased. `fact` is absent in a resync."""

    service: str
    kind: str
    id: UUID
    version: int
    body: bytes | None
    fact: bytes | None = None
    origin: Origin | None = None


class NotYetMigrated(Exception):
    """A table to fold into does not exist yet, or lacks a column."""


class Folder(Protocol):
    """What folds records into tables; every copy and the customer view are one."""

    @property
    def sources(self) -> Sequence[Source]:
        """Which records are folded."""

    def fold(
        self, connection: psycopg.Connection[Any], items: Sequence[Item], *, repair: bool = False
    ) -> None:
        """Keep what is newer, inside the caller's transaction."""


def item_of(body: bytes) -> Item:
    """Return the record a fact carries. Raises ContractError."""
    envelope = contracts.envelope(body)
    return Item(
        service=envelope.service,
        kind=envelope.kind,
        id=envelope.subject,
        version=envelope.subjectversion,
        body=envelope.record,
        fact=body,
        origin=Origin(envelope.type, envelope.time, envelope.traceparent, envelope.restated),
    )
