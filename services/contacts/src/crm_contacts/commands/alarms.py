"""Having somebody look after a customer whose ticket is urgent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import ids, outbox
from crm_contacts.commands.changing import settled
from crm_contacts.events import tasks as events
from crm_contacts.model.task import Task
from crm_contacts.model.values import Priority, Subject
from crm_contacts.queries import deals, records

_TIME_TO_CALL = timedelta(hours=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseAlarm:
    """An urgent ticket, and whose it is."""

    ticket_id: UUID
    ticket_no: int
    subject: str
    requester_id: UUID | None
    account_id: UUID | None


def raise_alarm(session: Session, command: RaiseAlarm, *, now: datetime) -> Task | None:
    """Make one task per ticket, ever, for the owner of the customer's newest open deal.

    Without such a deal it is the owner's of the contact, else of the account, else sales' as a
    department. None when there was a task before.
    """
    origin = f"urgent-ticket:{command.ticket_id}"
    if records.has_task_of_origin(session, origin):
        return None
    deal_id, assignee_id = _in_charge(session, command)
    pointed = {
        "ticket": command.ticket_id,
        "contact": command.requester_id,
        "account": command.account_id,
        "deal": deal_id,
    }
    subjects = tuple(Subject(type=kind, id=each) for kind, each in pointed.items() if each)
    task = Task(
        id=ids.derived(origin),
        title=f"Urgent ticket #{command.ticket_no}: {command.subject}"[:500],
        assignee_id=assignee_id,
        owner_id=assignee_id,
        department="sales",
        due_at=now + _TIME_TO_CALL,
        priority=Priority.URGENT,
        subjects=settled(session, {"subjects": subjects})["subjects"],
        origin=origin,
    )
    outbox.add(session, events.task_created, task, at=now)
    return task


def _in_charge(session: Session, command: RaiseAlarm) -> tuple[UUID | None, UUID | None]:
    deal = deals.newest_open_deal(
        session, contact_id=command.requester_id, account_id=command.account_id
    )
    if deal is not None:
        return deal
    contact = records.contact_for_update(session, command.requester_id)
    account = records.account_for_update(session, command.account_id)
    owners = (each.owner_id for each in (contact, account) if each is not None)
    return None, next((owner for owner in owners if owner is not None), None)
