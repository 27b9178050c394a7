"""What contacts publishes of people met twice and of addresses that do not work."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from crm_contracts.base import Fact, Record, ids_of


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateEvidence:
    """A finding and what it adds to a score; no personal data."""

    name: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate(Record):
    """Two contacts that may be one person; `a_id` is the smaller id."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "duplicate"
    plural: ClassVar[str] = "duplicates"

    a_id: UUID
    b_id: UUID
    score: float
    evidence: tuple[DuplicateEvidence, ...] = ()
    status: str
    decided_by: str | None = None
    decided_at: datetime | None = None

    def customers(self) -> frozenset[UUID]:
        return frozenset((self.a_id, self.b_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Record):
    """Long work of contacts; its progress is asked for, not told."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "job"
    plural: ClassVar[str] = "jobs"

    work: str
    status: str
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPointState(Record):
    """An e-mail address of a contact that a mail did not reach; `email` is the subject's own."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "contact_point_state"
    plural: ClassVar[str] = "contact_point_states"

    contact_id: UUID
    email: str
    deliverability: str
    reason: str | None = None
    bounce_class: str | None = None
    code: str | None = None
    bounce_streak: int = 0
    bounced_at: datetime | None = None

    def customers(self) -> frozenset[UUID]:
        return ids_of(self.contact_id)


class DuplicateSuspected(Fact[Duplicate], type="contacts.duplicate.suspected.v1"):
    """Two contacts look like one person, anew or with another score."""


class DuplicateDismissed(Fact[Duplicate], type="contacts.duplicate.dismissed.v1"):
    """Somebody said that two contacts are two people."""


class DuplicateMerged(Fact[Duplicate], type="contacts.duplicate.merged.v1"):
    """Two contacts that looked like one person were merged."""


class JobCreated(Fact[Job], type="contacts.job.created.v1"):
    """Long work was asked for."""


class JobFinished(Fact[Job], type="contacts.job.finished.v1"):
    """Long work came to its end, well or not."""


class ContactPointBounced(
    Fact[ContactPointState],
    type="contacts.contact_point.bounced.v1",
    title="Mail came back: {reason}",
):
    """A mail to the address came back; it may work again."""


class ContactPointInvalidated(
    Fact[ContactPointState],
    type="contacts.contact_point.invalidated.v1",
    title="Address does not work: {reason}",
):
    """The address does not work; nothing is to be sent to it."""


class ContactPointVerified(Fact[ContactPointState], type="contacts.contact_point.verified.v1"):
    """A mail reached the address, or a person answered from it."""


class ContactPointCorrected(Fact[ContactPointState], type="contacts.contact_point.corrected.v1"):
    """Somebody said that an address works again; it counts as untried."""


class ContactPointUpdated(Fact[ContactPointState], type="contacts.contact_point.updated.v1"):
    """The address is another contact's now, for two were merged or a merge was undone."""


class DuplicateUpdated(Fact[Duplicate], type="contacts.duplicate.updated.v1"):
    """A pair is open again, for a merge was undone."""
