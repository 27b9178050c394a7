"""What support tells: one function per fact, the model in, the announcement out."""

from __future__ import annotations

from crm_chassis.outbox import Announcement, record_fields
from crm_contracts import support as contracts
from crm_support.model.clock import SlaClock
from crm_support.model.message import TicketMessage
from crm_support.model.repointing import Repointing
from crm_support.model.ticket import Ticket


def ticket_opened(ticket: Ticket) -> Announcement:
    return Announcement(contracts.TicketOpened, ticket_record(ticket))


def ticket_updated(ticket: Ticket) -> Announcement:
    return Announcement(contracts.TicketUpdated, ticket_record(ticket))


def ticket_assigned(ticket: Ticket) -> Announcement:
    return Announcement(contracts.TicketAssigned, ticket_record(ticket))


def ticket_replied(ticket: Ticket) -> Announcement:
    return Announcement(contracts.TicketReplied, ticket_record(ticket))


def ticket_customer_replied(ticket: Ticket) -> Announcement:
    return Announcement(contracts.TicketCustomerReplied, ticket_record(ticket))


def ticket_status_changed(ticket: Ticket) -> Announcement:
    return Announcement(contracts.TicketStatusChanged, ticket_record(ticket))


def ticket_priority_changed(ticket: Ticket) -> Announcement:
    return Announcement(contracts.TicketPriorityChanged, ticket_record(ticket))


def ticket_resolved(ticket: Ticket) -> Announcement:
    return Announcement(contracts.TicketResolved, ticket_record(ticket))


def ticket_reopened(ticket: Ticket) -> Announcement:
    return Announcement(contracts.TicketReopened, ticket_record(ticket))


def ticket_closed(ticket: Ticket) -> Announcement:
    return Announcement(contracts.TicketClosed, ticket_record(ticket))


def ticket_archived(ticket: Ticket) -> Announcement:
    return Announcement(contracts.TicketArchived, ticket_record(ticket))


def ticket_restored(ticket: Ticket) -> Announcement:
    return Announcement(contracts.TicketRestored, ticket_record(ticket))


def message_received(message: TicketMessage) -> Announcement:
    return Announcement(contracts.MessageReceived, ticket_message_record(message))


def message_sent(message: TicketMessage) -> Announcement:
    return Announcement(contracts.MessageSent, ticket_message_record(message))


def sla_started(clock: SlaClock) -> Announcement:
    return Announcement(contracts.SlaStarted, sla_clock_record(clock))


def sla_met(clock: SlaClock) -> Announcement:
    return Announcement(contracts.SlaMet, sla_clock_record(clock))


def sla_breached(clock: SlaClock) -> Announcement:
    return Announcement(contracts.SlaBreached, sla_clock_record(clock))


def sla_cancelled(clock: SlaClock) -> Announcement:
    return Announcement(contracts.SlaCancelled, sla_clock_record(clock))


def message_updated(message: TicketMessage) -> Announcement:
    return Announcement(contracts.MessageUpdated, ticket_message_record(message))


def sla_updated(clock: SlaClock) -> Announcement:
    return Announcement(contracts.SlaUpdated, sla_clock_record(clock))


def references_repointed(repointing: Repointing) -> Announcement:
    return Announcement(contracts.ReferencesRepointed, repointing_record(repointing))


def ticket_record(ticket: Ticket) -> contracts.Ticket:
    return contracts.Ticket(
        **record_fields(ticket),
        subject=ticket.subject,
        requester_id=ticket.requester_id,
        account_id=ticket.account_id,
        channel=ticket.channel.value,
        ticket_kind=ticket.kind.value,
        status=ticket.status.value,
        priority=ticket.priority.value,
        assignee_id=ticket.assignee_id,
        tags=tuple(ticket.tags),
        first_response_at=ticket.first_response_at,
        resolved_at=ticket.resolved_at,
        closed_at=ticket.closed_at,
        reopen_count=ticket.reopen_count,
        origin=ticket.origin,
        deal_id=ticket.deal_id,
        custom=ticket.custom,
    )


def ticket_message_record(message: TicketMessage) -> contracts.TicketMessage:
    return contracts.TicketMessage(
        **record_fields(message),
        ticket_id=message.ticket_id,
        requester_id=message.requester_id,
        direction=message.direction.value,
        audience=message.audience.value,
        author=message.author,
        body=message.body,
        sent_at=message.sent_at,
    )


def sla_clock_record(clock: SlaClock) -> contracts.SlaClock:
    return contracts.SlaClock(
        **record_fields(clock),
        ticket_id=clock.ticket_id,
        requester_id=clock.requester_id,
        metric=clock.metric.value,
        state=clock.state.value,
        started_at=clock.started_at,
        target_seconds=clock.target_seconds,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
    )


def repointing_record(repointing: Repointing) -> contracts.Repointing:
    return contracts.Repointing(
        **record_fields(repointing),
        absorbed_id=repointing.absorbed_id,
        absorbed_version=repointing.absorbed_version,
        survivor_id=repointing.survivor_id,
        counts=repointing.counts,
    )
