"""What mail says about addresses: which work, which do not, and who has to find another."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from crm_bounces import Recipient
from crm_chassis import db, ids, outbox
from crm_contacts import events
from crm_contacts.events import recognition as told
from crm_contacts.events import tasks as task_events
from crm_contacts.model.contact import Contact
from crm_contacts.model.deliverability import ContactPointState, Deliverability
from crm_contacts.model.reach import Quality
from crm_contacts.model.task import Task
from crm_contacts.model.values import PointKind, Priority, Subject
from crm_contacts.queries import records

_LONGEST_TITLE = 500
_TIME_TO_ASK = timedelta(days=2)
_TIME_TO_ACT = timedelta(hours=4)
POSTMASTER = "postmaster"
_WHY = {Deliverability.OK: "mail arrives"}


def bounced(session: Session, contact: Contact, recipient: Recipient, *, now: datetime) -> None:
    """Take what became of one mail to one address of a contact."""
    state = _state(session, contact, recipient.address)
    worked = state.works
    before = (state.deliverability, state.bounce_streak)
    reason = recipient.reason.value
    state.bounce(recipient.bounce_class, reason=reason, code=recipient.code, at=now)
    if (state.deliverability, state.bounce_streak) == before:
        return
    _keep(session, contact, state, now=now)
    if worked and not state.works:
        _ask_for_an_address(session, contact, state, now=now)


def complained(session: Session, contact: Contact, address: str, *, now: datetime) -> None:
    """Somebody called our mail to the address spam."""
    state = _state(session, contact, address)
    state.complain(at=now)
    _keep(session, contact, state, now=now)


def proved(session: Session, contact: Contact, address: str, *, now: datetime) -> None:
    """Somebody wrote from the address: it works."""
    state = _state(session, contact, address)
    if state.verify():
        _keep(session, contact, state, now=now)


def judged(
    session: Session, contact: Contact, address: str, quality: Quality, *, why: str | None,
    now: datetime,
) -> None:  # fmt: skip
    """Somebody knows whether the address is right."""
    state = _state(session, contact, address)
    state.correct()
    if quality is Quality.INCORRECT:
        state.refute(at=now)
    elif quality is Quality.CORRECT:
        state.verify()
    fact = {
        Quality.INCORRECT: told.contact_point_invalidated,
        Quality.CORRECT: told.contact_point_verified,
    }.get(quality, told.contact_point_corrected)
    by, why = db.context_of(session).actor, why or state.reason
    contact.judge_address(
        state.email, state.deliverability.value, works=state.works, by=by, why=why, at=now
    )
    point = contact.point(PointKind.EMAIL, address)
    if point is not None:
        point.judge(quality, by=by, why=why, at=now)
    outbox.add(session, fact, state, at=now)
    outbox.add(session, events.contact_updated, contact, at=now)


def alert_the_postmaster(session: Session, code: str, *, now: datetime) -> None:
    """Others refuse our mail as a matter of policy: have somebody look, once a day."""
    origin = f"policy-bounce:{now:%Y-%m-%d}"
    is_being_made = not db.try_lock(session, origin)
    if is_being_made or records.has_task_of_origin(session, origin):
        return
    task = Task(
        id=ids.derived(origin),
        title=f"Others refuse our mail by their policy ({code or 'no code'}): look at "
        "sender authentication and blocklists",
        department=POSTMASTER,
        due_at=now + _TIME_TO_ACT,
        priority=Priority.HIGH,
        origin=origin,
    )
    outbox.add(session, task_events.task_created, task, at=now)


def _keep(session: Session, contact: Contact, state: ContactPointState, *, now: datetime) -> None:
    """Write the state beside the address, and tell both."""
    contact.judge_address(
        state.email, state.deliverability.value, works=state.works,
        by=db.context_of(session).actor, why=state.reason or _WHY.get(state.deliverability), at=now,
    )  # fmt: skip
    fact = {
        Deliverability.INVALID: told.contact_point_invalidated,
        Deliverability.OK: told.contact_point_verified,
    }.get(state.deliverability, told.contact_point_bounced)
    outbox.add(session, fact, state, at=now)
    outbox.add(session, events.contact_updated, contact, at=now)


def _ask_for_an_address(
    session: Session, contact: Contact, state: ContactPointState, *, now: datetime
) -> None:
    """Have the owner find out where the contact can be reached; once per run of bounces."""
    origin = f"invalid-address:{state.id}:{state.version}"
    if records.has_task_of_origin(session, origin):
        return
    task = Task(
        id=ids.derived(origin),
        title=f"Find a working e-mail address of {contact.name}"[:_LONGEST_TITLE],
        assignee_id=contact.owner_id,
        owner_id=contact.owner_id,
        department="sales",
        due_at=now + _TIME_TO_ASK,
        priority=Priority.NORMAL,
        subjects=(Subject(type="contact", id=contact.id),),
        origin=origin,
    )
    outbox.add(session, task_events.task_created, task, at=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectAddress:
    """Say that an address works again, as far as somebody knows."""

    contact_id: UUID
    email: str


def correct_address(session: Session, command: CorrectAddress, *, now: datetime) -> Contact:
    """Count an address as untried again. Raises NotFound."""
    contact = records.for_update(session, Contact, command.contact_id)
    state = _state(session, contact, command.email)
    if state.correct():
        contact.judge_address(
            state.email, state.deliverability.value, works=True,
            by=db.context_of(session).actor, why=None, at=now,
        )  # fmt: skip
        outbox.add(session, told.contact_point_corrected, state, at=now)
        outbox.add(session, events.contact_updated, contact, at=now)
    return contact


def _state(session: Session, contact: Contact, address: str) -> ContactPointState:
    """The state of an address; one that was written anew counts as untried."""
    known = records.point_state(session, contact.id, address)
    state = known or ContactPointState.of(contact.id, address)
    point = next((each for each in contact.points if each.value == address), None)
    if point is not None and point.deliverability == Deliverability.UNKNOWN:
        state.correct()
    return state
