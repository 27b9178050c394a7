"""What the contacts service publishes."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from crm_contracts.base import Candidate, Fact, Record, SubjectRef, ids_of, subjects_on_a_page


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailPoint:
    """An e-mail address of a contact, normalised."""

    value: str
    label: str | None = None
    primary: bool = False
    deliverability: str = "unknown"
    opted_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PhonePoint:
    """A telephone number of a contact, in E.164 where it could be read."""

    value: str
    label: str | None = None
    primary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLink:
    """A contact's place in an account."""

    account_id: UUID
    role: str | None = None
    is_primary: bool = False
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact(Record):
    """A person: prospect, customer, supplier or other."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "contact"
    plural: ClassVar[str] = "contacts"

    first_name: str | None = None
    last_name: str | None = None
    name: str
    emails: tuple[EmailPoint, ...] = ()
    phones: tuple[PhonePoint, ...] = ()
    account_id: UUID | None = None
    account_ids: tuple[UUID, ...] = ()
    account_links: tuple[AccountLink, ...] = ()
    job_title: str | None = None
    department: str | None = None
    language: str | None = None
    time_zone: str | None = None
    birthday: str | None = None
    lifecycle: str
    source: str | None = None
    tags: tuple[str, ...] = ()
    do_not_call: bool = False
    custom: dict[str, Any] = field(default_factory=dict)
    merged_into_id: UUID | None = None

    def customers(self) -> frozenset[UUID]:
        return frozenset((self.id, *self.account_ids))


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Record):
    """An organisation that contacts belong to."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "account"
    plural: ClassVar[str] = "accounts"

    name: str
    legal_name: str | None = None
    domain: str | None = None
    industry: str | None = None
    size_band: str | None = None
    type: str
    parent_id: UUID | None = None
    lifecycle: str
    customer_since: datetime | None = None
    renewal_date: str | None = None
    tags: tuple[str, ...] = ()
    custom: dict[str, Any] = field(default_factory=dict)

    def customers(self) -> frozenset[UUID]:
        return frozenset((self.id,))


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


class ContactCreated(Fact[Contact], type="contacts.contact.created.v1", title="Contact created"):
    """A contact was created."""


class ContactUpdated(Fact[Contact], type="contacts.contact.updated.v1"):
    """Fields, points or account links of a contact changed."""


class ContactArchived(Fact[Contact], type="contacts.contact.archived.v1", title="Contact archived"):
    """A contact was archived; its e-mail addresses are free again."""


class ContactRestored(Fact[Contact], type="contacts.contact.restored.v1", title="Contact restored"):
    """An archived contact was brought back."""


class ContactErased(Fact[Contact], type="contacts.contact.erased.v1"):
    """A contact's personal data was erased; only the id remains."""


class ContactLifecycleChanged(
    Fact[Contact],
    type="contacts.contact.lifecycle_changed.v1",
    title="Contact is now: {lifecycle}",
):
    """A contact's lifecycle stage changed."""


class AccountCreated(
    Fact[Account], type="contacts.account.created.v1", title="Account created: {name}"
):
    """An account was created."""


class AccountUpdated(Fact[Account], type="contacts.account.updated.v1"):
    """Fields of an account changed."""


class AccountArchived(
    Fact[Account], type="contacts.account.archived.v1", title="Account archived: {name}"
):
    """An account was archived."""


class AccountRestored(
    Fact[Account], type="contacts.account.restored.v1", title="Account restored: {name}"
):
    """An archived account was brought back."""


class AccountLifecycleChanged(
    Fact[Account],
    type="contacts.account.lifecycle_changed.v1",
    title="Account is now: {lifecycle}",
):
    """An account's lifecycle stage changed."""


class InteractionLogged(
    Fact[Interaction],
    type="contacts.interaction.logged.v1",
    title="Logged {type}: {subject}",
    at="at",
):
    """An interaction was logged."""


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
