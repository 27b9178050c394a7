"""What contacts publishes of what people allow."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from crm_contracts.base import Fact, Record, ids_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEvidence:
    """How it is known: which text was shown, through which form, in answer to which mail of ours,
    and in one's own words why the basis holds.

    No network address leaves.
    """

    text_version: str | None = None
    form_id: str | None = None
    message_id: UUID | None = None
    explanation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent(Record):
    """What a contact said of one channel for one purpose, at one time; never changed."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "consent"
    plural: ClassVar[str] = "consents"

    contact_id: UUID
    channel: str
    purpose: str
    status: str
    legal_basis: str
    source: str | None = None
    evidence: ConsentEvidence
    at: datetime
    expires_at: datetime | None = None

    def customers(self) -> frozenset[UUID]:
        return ids_of(self.contact_id)


class ConsentGranted(
    Fact[Consent], type="contacts.consent.granted.v1", title="Consent given: {channel}", at="at"
):
    """A contact allows a channel for a purpose."""


class ConsentDenied(
    Fact[Consent], type="contacts.consent.denied.v1", title="Consent denied: {channel}", at="at"
):
    """A contact was asked and does not allow it."""


class ConsentWithdrawn(
    Fact[Consent],
    type="contacts.consent.withdrawn.v1",
    title="Consent withdrawn: {channel}",
    at="at",
):
    """A contact allows it no longer."""


class ConsentRequested(Fact[Consent], type="contacts.consent.requested.v1"):
    """A contact was asked and has not answered."""


class ConsentExpired(Fact[Consent], type="contacts.consent.expired.v1"):
    """A consent given for a time is over."""


class ConsentUpdated(Fact[Consent], type="contacts.consent.updated.v1"):
    """What was said is another contact's now, for two were merged or a merge was undone."""
