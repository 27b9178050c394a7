"""What contacts publishes of visitors: who they are, as soon as that is known."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from crm_contracts.base import Fact, Record, ids_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity(Record):
    """Somebody seen on a channel under a name of that channel's; without `contact_id` a stranger."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "identity"
    plural: ClassVar[str] = "identities"

    channel: str
    value: str
    contact_id: UUID | None = None
    first_seen_at: datetime
    last_seen_at: datetime
    identified_at: datetime | None = None
    profile: dict[str, Any] = field(default_factory=dict)

    def customers(self) -> frozenset[UUID]:
        return ids_of(self.contact_id)


class IdentityCreated(Fact[Identity], type="contacts.identity.created.v1"):
    """A stranger was seen on a channel."""


class IdentityUpdated(Fact[Identity], type="contacts.identity.updated.v1"):
    """A visitor was seen again, or is another contact's now, for two were merged."""


class IdentityIdentified(
    Fact[Identity],
    type="contacts.identity.identified.v1",
    title="Recognised on {channel}",
    at="identified_at",
):
    """It is known which contact a visitor is."""
