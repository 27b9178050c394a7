"""What we do once when others' facts arrive."""

from datetime import datetime

from sqlalchemy.orm import Session

from crm_contacts.commands import alarms, consents, conversions, customers, merges
from crm_contracts import marketing, sales, support

_OVER = frozenset({"resolved", "closed"})


def deal_won(session: Session, fact: sales.DealWon, *, now: datetime) -> None:
    """The deal's contact and account are customers now."""
    deal = fact.record
    command = customers.CountAsCustomer(
        contact_id=deal.primary_contact_id,
        account_id=deal.account_id,
        since=deal.closed_at or fact.time,
    )
    customers.count_as_customer(session, command, now=now)


def lead_conversion_requested(
    session: Session, fact: sales.LeadConversionRequested, *, now: datetime
) -> None:
    """Answer with the contact and account that the lead becomes, or why it cannot."""
    lead = fact.record
    command = conversions.ConvertLead(
        lead_id=lead.id,
        lead_version=lead.version,
        owner_id=lead.owner_id,
        contact_id=lead.contact_id,
        account_id=lead.account_id,
        first_name=lead.first_name,
        last_name=lead.last_name,
        email=lead.email,
        phone=lead.phone,
        company=lead.company,
        job_title=lead.job_title,
        source=lead.source,
    )
    conversions.convert_lead(session, command, now=now)


def ticket_opened(
    session: Session,
    fact: support.TicketOpened | support.TicketPriorityChanged,
    *,
    now: datetime,
) -> None:
    """An urgent ticket that is not over makes a task for whoever sells to the customer."""
    ticket = fact.record
    if ticket.priority != "urgent" or ticket.status in _OVER:
        return
    command = alarms.RaiseAlarm(
        ticket_id=ticket.id,
        ticket_no=ticket.public_no,
        subject=ticket.subject,
        requester_id=ticket.requester_id,
        account_id=ticket.account_id,
    )
    alarms.raise_alarm(session, command, now=now)


ticket_priority_changed = ticket_opened


def message_unsubscribed(
    session: Session,
    fact: marketing.MessageUnsubscribed | marketing.MessageComplained,
    *,
    now: datetime,
) -> None:
    """Who wants no more mails has withdrawn their consent to them."""
    message = fact.record
    has_complained = isinstance(fact, marketing.MessageComplained)
    command = consents.WithdrawMarketing(
        origin=fact.id,
        contact_id=message.contact_id,
        source="marketing",
        evidence={
            "form_id": "complaint" if has_complained else "unsubscription",
            "message_id": str(message.id),
        },
        at=(message.complained_at if has_complained else message.unsubscribed_at) or fact.time,
    )
    consents.withdraw_marketing(session, command, now=now)


message_complained = message_unsubscribed


def references_repointed(
    session: Session,
    fact: sales.ReferencesRepointed | marketing.ReferencesRepointed | support.ReferencesRepointed,
    *,
    now: datetime,
) -> None:
    """A service has followed a merge, or its undoing."""
    said = fact.record
    command = merges.Acknowledge(
        service=said.service,
        absorbed_id=said.absorbed_id,
        absorbed_version=said.absorbed_version,
        counts=said.counts,
    )
    merges.acknowledge(session, command, now=now)
