"""What the support service publishes."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from crm_contracts import merging
from crm_contracts.base import Fact, Record, ids_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket(Record):
    """A customer's question, incident, problem, request or complaint.

    `ticket_kind` is `kind` in JSON: in Python that name says which kind of record this is.
    """

    service: ClassVar[str] = "support"
    kind: ClassVar[str] = "ticket"
    plural: ClassVar[str] = "tickets"
    renames: ClassVar[dict[str, str]] = {"ticket_kind": "kind"}

    subject: str
    requester_id: UUID | None = None
    account_id: UUID | None = None
    channel: str
    ticket_kind: str
    status: str
    priority: str
    assignee_id: UUID | None = None
    tags: tuple[str, ...] = ()
    first_response_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    reopen_count: int = 0
    origin: str | None = None
    deal_id: UUID | None = None
    custom: dict[str, Any] = field(default_factory=dict)

    def customers(self) -> frozenset[UUID]:
        return ids_of(self.requester_id, self.account_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketMessage(Record):
    """A message of a ticket's conversation; an internal one never leaves the house."""

    service: ClassVar[str] = "support"
    kind: ClassVar[str] = "ticket_message"
    plural: ClassVar[str] = "ticket_messages"

    ticket_id: UUID
    requester_id: UUID | None = None
    direction: str
    # `visibility` says who of us may read it, this whether the customer may: public or internal.
    audience: str = "public"
    author: str
    body: str
    sent_at: datetime

    def customers(self) -> frozenset[UUID]:
        return ids_of(self.requester_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaClock(Record):
    """One promise about a ticket and whether it is kept; `state` is running, met, breached, …"""

    service: ClassVar[str] = "support"
    kind: ClassVar[str] = "sla_clock"
    plural: ClassVar[str] = "sla_clocks"

    ticket_id: UUID
    requester_id: UUID | None = None
    metric: str
    state: str
    started_at: datetime
    target_seconds: int
    due_at: datetime
    stopped_at: datetime | None = None

    def customers(self) -> frozenset[UUID]:
        return ids_of(self.requester_id)


class TicketOpened(
    Fact[Ticket],
    type="support.ticket.opened.v1",
    title="Ticket opened: {subject}",
    at="created_at",
):
    """A ticket was opened."""


class TicketUpdated(Fact[Ticket], type="support.ticket.updated.v1"):
    """Fields of a ticket changed."""


class TicketAssigned(Fact[Ticket], type="support.ticket.assigned.v1"):
    """A ticket got another assignee or team."""


class TicketReplied(Fact[Ticket], type="support.ticket.replied.v1"):
    """We answered the customer."""


class TicketCustomerReplied(Fact[Ticket], type="support.ticket.customer_replied.v1"):
    """The customer wrote again."""


class TicketStatusChanged(Fact[Ticket], type="support.ticket.status_changed.v1"):
    """A ticket's status changed."""


class TicketPriorityChanged(
    Fact[Ticket],
    type="support.ticket.priority_changed.v1",
    title="Ticket is now {priority}: {subject}",
):
    """A ticket's priority changed."""


class TicketResolved(
    Fact[Ticket], type="support.ticket.resolved.v1", title="Ticket resolved: {subject}"
):
    """A ticket was resolved."""


class TicketReopened(
    Fact[Ticket], type="support.ticket.reopened.v1", title="Ticket reopened: {subject}"
):
    """A resolved ticket was opened again."""


class TicketClosed(Fact[Ticket], type="support.ticket.closed.v1", title="Ticket closed: {subject}"):
    """A resolved ticket was closed for good."""


class TicketArchived(
    Fact[Ticket], type="support.ticket.archived.v1", title="Ticket archived: {subject}"
):
    """A ticket was archived."""


class TicketRestored(
    Fact[Ticket], type="support.ticket.restored.v1", title="Ticket restored: {subject}"
):
    """An archived ticket was brought back."""


class MessageReceived(
    Fact[TicketMessage],
    type="support.message.received.v1",
    title="Message from the customer",
    at="sent_at",
):
    """A message of a customer came in."""


class MessageSent(
    Fact[TicketMessage], type="support.message.sent.v1", title="Message by support", at="sent_at"
):
    """A message of ours went out, or an internal note was written."""


class SlaStarted(Fact[SlaClock], type="support.sla.started.v1"):
    """A clock started."""


class SlaMet(Fact[SlaClock], type="support.sla.met.v1"):
    """A clock was stopped in time."""


class SlaBreached(Fact[SlaClock], type="support.sla.breached.v1", title="SLA breached: {metric}"):
    """A clock ran out."""


class SlaCancelled(Fact[SlaClock], type="support.sla.cancelled.v1"):
    """A clock no longer matters."""


class MessageUpdated(Fact[TicketMessage], type="support.message.updated.v1"):
    """A message is another contact's now, for two were merged or a merge was undone."""


class SlaUpdated(Fact[SlaClock], type="support.sla.updated.v1"):
    """A clock is another contact's now, for two were merged or a merge was undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repointing(merging.Repointing):
    """What support moved after a merge."""

    service: ClassVar[str] = "support"


class ReferencesRepointed(Fact[Repointing], type="support.references.repointed.v1"):
    """Support has followed a merge of contacts, or its undoing."""
