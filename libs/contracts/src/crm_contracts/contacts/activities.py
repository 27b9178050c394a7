"""What contacts publishes of what passed between customers and us."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from crm_contracts.base import Candidate, Fact, Record, SubjectRef, ids_of, subjects_on_a_page


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction(Record):
    """Something that passed between a customer and us; immutable."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "interaction"
    plural: ClassVar[str] = "interactions"

    type: str
    direction: str | None = None
    at: datetime
    duration_seconds: int | None = None
    subject: str | None = None
    summary: str | None = None
    subjects: tuple[SubjectRef, ...] = ()
    source_service: str | None = None
    source_id: str | None = None
    outcome: str | None = None

    def customers(self) -> frozenset[UUID]:
        return frozenset(subjects_on_a_page(self.subjects))


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Record):
    """A text kept with one or more records, shared between departments unless it says otherwise."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "note"
    plural: ClassVar[str] = "notes"

    body: str
    pinned: bool = False
    subjects: tuple[SubjectRef, ...] = ()
    author: str

    def customers(self) -> frozenset[UUID]:
        return frozenset(subjects_on_a_page(self.subjects))


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Record):
    """Something a person or a department has to do."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "task"
    plural: ClassVar[str] = "tasks"

    title: str
    assignee_id: UUID | None = None
    department: str | None = None
    due_at: datetime | None = None
    priority: str
    status: str
    done_at: datetime | None = None
    subjects: tuple[SubjectRef, ...] = ()
    origin: str | None = None

    def customers(self) -> frozenset[UUID]:
        return frozenset(subjects_on_a_page(self.subjects))


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadConversion(Record):
    """Our answer to a lead's conversion: the contact and account it became, or why not."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "lead_conversion"
    plural: ClassVar[str] = "lead_conversions"

    lead_id: UUID
    status: str
    contact_id: UUID | None = None
    account_id: UUID | None = None
    reason: str | None = None
    candidates: tuple[Candidate, ...] = ()

    def customers(self) -> frozenset[UUID]:
        return ids_of(self.contact_id, self.account_id)


class InteractionLogged(
    Fact[Interaction],
    type="contacts.interaction.logged.v1",
    title="Logged {type}: {subject}",
    at="at",
):
    """An interaction was logged."""


class InteractionUpdated(Fact[Interaction], type="contacts.interaction.updated.v1"):
    """An interaction is about another record now, for two were merged or a merge was undone."""


class NoteAdded(Fact[Note], type="contacts.note.added.v1", title="Note added"):
    """A note was written."""


class NoteUpdated(Fact[Note], type="contacts.note.updated.v1"):
    """A note's text, pin, visibility or subjects changed."""


class NoteArchived(Fact[Note], type="contacts.note.archived.v1"):
    """A note was archived."""


class NoteRestored(Fact[Note], type="contacts.note.restored.v1"):
    """An archived note was brought back."""


class TaskCreated(Fact[Task], type="contacts.task.created.v1", title="Task created: {title}"):
    """A task was created."""


class TaskUpdated(Fact[Task], type="contacts.task.updated.v1"):
    """Fields of a task changed."""


class TaskAssigned(Fact[Task], type="contacts.task.assigned.v1"):
    """A task got another assignee."""


class TaskCompleted(Fact[Task], type="contacts.task.completed.v1", title="Task done: {title}"):
    """A task was done."""


class TaskArchived(Fact[Task], type="contacts.task.archived.v1"):
    """A task was archived."""


class TaskRestored(Fact[Task], type="contacts.task.restored.v1"):
    """An archived task was brought back."""


class LeadConversionAnswered(Fact[LeadConversion], type="contacts.lead_conversion.answered.v1"):
    """A lead's person and company were matched or created."""


class LeadConversionRefused(Fact[LeadConversion], type="contacts.lead_conversion.refused.v1"):
    """A lead could not be matched to one contact and account; `reason` and `candidates` say why."""
