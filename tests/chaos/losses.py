"""What a service lost when its database was brought back from a backup: exactly that is forgiven."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg

_TOLD = """
select id, type, subject::text, subject_version, body::json #>> '{data,record,primary_contact_id}'
from outbox
"""


@dataclass(frozen=True, slots=True)
class Told:
    """A fact a service told."""

    id: UUID
    type: str
    subject: str
    version: int
    contact: str | None


@dataclass
class Losses:
    """The facts that were lost with their databases, and when: (service, from, until)."""

    facts: dict[UUID, Told] = field(default_factory=dict)
    versions: set[tuple[str, int]] = field(default_factory=set)
    spans: list[tuple[str, float, float]] = field(default_factory=list)
    backups: dict[str, float] = field(default_factory=dict)
    in_doubt: int = 0

    def note(self, before: Iterable[Told], after: Iterable[Told]) -> int:
        """Note what was told before and is not known any more; return how much that is."""
        known = {fact.id for fact in after}
        gone = {fact.id: fact for fact in before if fact.id not in known}
        self.facts |= gone
        self.versions |= {(fact.subject, fact.version) for fact in gone.values()}
        return len(gone)

    @property
    def events(self) -> set[UUID]:
        """Return the ids of lost facts."""
        return set(self.facts)

    def subjects(self, *types: str) -> set[str]:
        """Return the records some fact of whose was lost, of the types that begin so."""
        return {f.subject for f in self.facts.values() if f.type.startswith(types)}

    def contacts_of(self, type_: str) -> set[str]:
        """Return the contacts named by lost facts of a type."""
        return {f.contact for f in self.facts.values() if f.type == type_ and f.contact}

    def ages(self) -> list[float]:
        """Return how many seconds old each backup was when it was brought back."""
        return [began - self.backups[service] for service, began, _ in self.spans]

    def is_within(self, service: str, began: float, ended: float) -> bool:
        """Say whether something that took so long met the service while its database went back."""
        return any(s == service and began <= b and ended >= a for s, a, b in self.spans)


def told(connection: psycopg.Connection[Any]) -> list[Told]:
    """Return every fact of a service's outbox."""
    return [Told(*row) for row in connection.execute(_TOLD)]
