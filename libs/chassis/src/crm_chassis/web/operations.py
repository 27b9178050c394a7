"""One item of a batch."""

from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import db
from crm_chassis.problems import Refusal


class Command(Protocol):
    """A function that does what a command asks and returns the aggregate it changed."""

    def __call__(self, session: Session, command: Any, /, *, now: Any) -> db.Aggregate:
        """Run inside the caller's transaction."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One item of a batch: a function with its command, or the refusal its body met.

    `found`, if given, is the status where the record was there before. `op` is what the item asks
    for (`create`, `update` …), `subject` the record it names.
    """

    function: Command | None
    command: Any = None
    refusal: Refusal | None = None
    status: int = 200
    found: int | None = None
    op: str | None = None
    subject: UUID | None = None
