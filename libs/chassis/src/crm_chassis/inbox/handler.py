"""What reacts to a fact, in which context, with which outcome."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

import crm_contracts as contracts
from crm_chassis import db, tracing


class Outcome(StrEnum):
    """What became of a delivery."""

    DONE = "done"
    REPEAT = "repeat"
    PARKED = "parked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """A reaction: its name (the same over versions of the fact), the fact, what it does."""

    name: str
    service: str
    fact: type[contracts.Fact[Any]]
    react: Callable[[Session, Any, datetime], None]
    bulk: bool = False

    @property
    def producer(self) -> str:
        """The service that tells the fact."""
        return self.fact.type.split(".")[0]

    @property
    def queue(self) -> str:
        """The queue of the fact's version this release reads."""
        return f"{self.service}.on.{self.fact.type}"


def context(service: str, fact: contracts.Fact[Any]) -> db.Context:
    """Return the context of what a fact causes."""
    return db.Context(
        actor=f"service:{service}",
        on_behalf_of=fact.on_behalf_of or fact.actor,
        correlation_id=fact.correlation_id,
        causation_id=fact.id,
        traceparent=tracing.current() or fact.traceparent,
        hops=fact.hops + 1,
        source="event",
    )
