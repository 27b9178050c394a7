"""What contacts publishes of people and organisations."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from crm_contracts.base import Fact, Record, ids_of


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailPoint:
    """An e-mail address of a contact, normalised.

    `quality` says whether it is right (correct, incorrect, unknown), since when, who says so, why.
    """

    value: str
    label: str | None = None
    primary: bool = False
    deliverability: str = "unknown"
    opted_out: bool = False
    quality: str = "unknown"
    judged_at: datetime | None = None
    judged_by: str | None = None
    judged_why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhonePoint:
    """A telephone number of a contact, in E.164 where it could be read; `quality` as of addresses."""

    value: str
    label: str | None = None
    primary: bool = False
    quality: str = "unknown"
    judged_at: datetime | None = None
    judged_by: str | None = None
    judged_why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPoint:
    """What a contact is called on another channel: `whatsapp`, `chat` or `social`."""

    channel: str
    value: str
    label: str | None = None
    primary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PostalAddress:
    """Where a contact lives or works."""

    street: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLink:
    """A contact's place in an account."""

    account_id: UUID
    role: str | None = None
    is_primary: bool = False
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FrequencyCap:
    """At most so many messages by one channel per `day`, `week` or `month`."""

    channel: str
    most: int
    per: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """How a contact wants to be written to: by which channel, how often, and not just now."""

    channel: str | None = None
    pause_from: datetime | None = None
    pause_until: datetime | None = None
    caps: tuple[FrequencyCap, ...] = ()


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
    addresses: tuple[PostalAddress, ...] = ()
    custom: dict[str, Any] = field(default_factory=dict)
    merged_into_id: UUID | None = None
    preferences: Preferences | None = None
    channels: tuple[ChannelPoint, ...] = ()

    def customers(self) -> frozenset[UUID]:
        if self.merged_into_id is not None:
            return frozenset((self.id, self.merged_into_id))
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
    merged_into_id: UUID | None = None

    def customers(self) -> frozenset[UUID]:
        return ids_of(self.id, self.merged_into_id)


class ContactCreated(Fact[Contact], type="contacts.contact.created.v1", title="Contact created"):
    """A contact was created."""


class ContactUpdated(Fact[Contact], type="contacts.contact.updated.v1"):
    """Fields, points or account links of a contact changed."""


class ContactAssigned(Fact[Contact], type="contacts.contact.assigned.v1"):
    """A contact got another owner."""


class ContactPreferencesChanged(Fact[Contact], type="contacts.contact.preferences_changed.v1"):
    """A contact wants to be written to in another way; `preferences` say how."""


class ContactArchived(Fact[Contact], type="contacts.contact.archived.v1", title="Contact archived"):
    """A contact was archived; its e-mail addresses are free again."""


class ContactRestored(Fact[Contact], type="contacts.contact.restored.v1", title="Contact restored"):
    """An archived contact was brought back."""


class ContactMerged(
    Fact[Contact], type="contacts.contact.merged.v1", title="Contact merged: {name}"
):
    """A contact was absorbed by the one that `merged_into_id` names, or by another than before."""


class ContactUnmerged(
    Fact[Contact], type="contacts.contact.unmerged.v1", title="Merge undone: {name}"
):
    """An absorbed contact is on its own again."""


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


class AccountAssigned(Fact[Account], type="contacts.account.assigned.v1"):
    """An account got another owner."""


class AccountArchived(
    Fact[Account], type="contacts.account.archived.v1", title="Account archived: {name}"
):
    """An account was archived."""


class AccountRestored(
    Fact[Account], type="contacts.account.restored.v1", title="Account restored: {name}"
):
    """An archived account was brought back."""


class AccountMerged(
    Fact[Account], type="contacts.account.merged.v1", title="Account merged: {name}"
):
    """An account was absorbed by the one that `merged_into_id` names, or by another than before."""


class AccountUnmerged(
    Fact[Account], type="contacts.account.unmerged.v1", title="Merge undone: {name}"
):
    """An absorbed account is on its own again."""


class AccountLifecycleChanged(
    Fact[Account],
    type="contacts.account.lifecycle_changed.v1",
    title="Account is now: {lifecycle}",
):
    """An account's lifecycle stage changed."""
