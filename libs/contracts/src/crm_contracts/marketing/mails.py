"""What marketing publishes of mails."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from crm_contracts.base import Fact, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Record):
    """One mail of a campaign to one contact: a line of the send ledger."""

    service: ClassVar[str] = "marketing"
    kind: ClassVar[str] = "message"
    plural: ClassVar[str] = "messages"

    campaign_id: UUID
    campaign_name: str
    contact_id: UUID
    subject: str
    status: str
    suppress_reason: str | None = None
    queued_at: datetime
    sent_at: datetime | None = None
    opened_at: datetime | None = None
    clicked_at: datetime | None = None
    open_count: int = 0
    unsubscribed_at: datetime | None = None
    complained_at: datetime | None = None

    def customers(self) -> frozenset[UUID]:
        return frozenset((self.contact_id,))


class MessageQueued(Fact[Message], type="marketing.message.queued.v1"):
    """A mail to a contact is to be sent."""


class MessageSent(
    Fact[Message], type="marketing.message.sent.v1", title="Mail sent: {subject}", at="sent_at"
):
    """A mail was handed to the mail server."""


class MessageFailed(
    Fact[Message], type="marketing.message.failed.v1", title="Mail could not be sent: {subject}"
):
    """The mail server refused a mail."""


class MessageSuppressed(Fact[Message], type="marketing.message.suppressed.v1"):
    """A mail was withheld; `suppress_reason` says why."""


class MessageUnsure(Fact[Message], type="marketing.message.unsure.v1"):
    """Whether a mail went out is not known; it is not sent again by itself."""


class MessageOpened(
    Fact[Message], type="marketing.message.opened.v1", title="Mail opened: {subject}"
):
    """A contact opened a mail."""


class MessageClicked(
    Fact[Message], type="marketing.message.clicked.v1", title="Link clicked in mail: {subject}"
):
    """A contact followed a link in a mail."""


class MessageUnsubscribed(
    Fact[Message], type="marketing.message.unsubscribed.v1", title="Unsubscribed: {subject}"
):
    """A contact wants no more of such mails, and said so by the link in this one."""


class MessageComplained(
    Fact[Message], type="marketing.message.complained.v1", title="Complained about: {subject}"
):
    """A contact, or who keeps their mailbox, called a mail unwanted."""


class MessageUpdated(Fact[Message], type="marketing.message.updated.v1"):
    """A mail is another contact's now, for two were merged or a merge was undone."""
