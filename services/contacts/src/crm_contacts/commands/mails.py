"""Taking in mail: what came back retires addresses, what people write proves them."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from crm_bounces import Class, Recipient, Verdict, classify
from crm_bounces.mail import Mail, read
from crm_bounces.recipients import ADDRESS
from crm_chassis import ids, logs, outbox
from crm_contacts import events
from crm_contacts.events import recognition as told
from crm_contacts.events import tasks as task_events
from crm_contacts.model.contact import Contact
from crm_contacts.model.deliverability import ContactPointState, Deliverability
from crm_contacts.model.interaction import Interaction
from crm_contacts.model.task import Task
from crm_contacts.model.values import InteractionType, Priority, Subject, email_address
from crm_contacts.queries import records

SOURCE = "mail"
_LONGEST_SUBJECT, _LONGEST_ID = 500, 180
_TIME_TO_ASK = timedelta(days=2)
log = logs.get(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestMail:
    """A mail as it came over the wire."""

    content: bytes
    owner_id: UUID | None = None


def ingest_mail(session: Session, command: IngestMail, *, now: datetime) -> Interaction:
    """Log a mail once, and draw from it what it says about addresses of contacts.

    The interaction's outcome is `bounce:<class>`, `complaint` or `received`; it points at the
    contacts concerned. The subject of a mail that concerns nobody we know is not kept.
    """
    mail = read(command.content)
    source_id = _source_id(mail, command.content)
    known = records.interaction_of_source(session, SOURCE, source_id)
    if known is not None:
        return known
    verdict = classify(command.content)
    concerned = _draw(session, mail, verdict, now=now)
    subject = mail.header("subject").replace("\0", "")[:_LONGEST_SUBJECT]
    interaction = Interaction(
        type=InteractionType.EMAIL,
        at=now,
        direction="in",
        subject=(subject or None) if concerned else None,
        subjects=tuple(Subject(type="contact", id=each) for each in concerned),
        source_service=SOURCE,
        source_id=source_id,
        outcome=_outcome(verdict),
        owner_id=command.owner_id,
    )
    outbox.add(session, events.interaction_logged, interaction, at=now)
    return interaction


def _draw(session: Session, mail: Mail, verdict: Verdict, *, now: datetime) -> list[UUID]:
    """Tell what the mail says of each address; return the contacts they belong to."""
    if verdict.bounce_class is Class.POLICY:
        log.warning("mail refused by policy", extra={"code": verdict.code})
    found = {each.address: each for each in verdict.recipients}
    sender = None if found else _sender(mail)
    holders = records.contacts_with_emails(session, [*found, *([sender] if sender else [])])
    for address in sorted(holders, key=lambda each: holders[each]):
        contact = records.for_update(session, Contact, holders[address])
        state = _state(session, contact, address)
        recipient = found.get(address)
        if recipient is None:
            _proved(session, contact, state, now=now)
        elif verdict.is_complaint:
            state.complain(at=now)
            _keep(session, contact, state, now=now)
        else:
            _bounced(session, contact, state, recipient, now=now)
    return list(dict.fromkeys(holders.values()))


def _bounced(
    session: Session,
    contact: Contact,
    state: ContactPointState,
    recipient: Recipient,
    *,
    now: datetime,
) -> None:
    worked = state.works
    before = (state.deliverability, state.bounce_streak)
    reason = recipient.reason.value
    state.bounce(recipient.bounce_class, reason=reason, code=recipient.code, at=now)
    if (state.deliverability, state.bounce_streak) == before:
        return
    _keep(session, contact, state, now=now)
    if worked and not state.works:
        _ask_for_an_address(session, contact, state, now=now)


def _proved(session: Session, contact: Contact, state: ContactPointState, *, now: datetime) -> None:
    if state.verify():
        _keep(session, contact, state, now=now)


def _keep(session: Session, contact: Contact, state: ContactPointState, *, now: datetime) -> None:
    """Write the state beside the address, and tell both."""
    contact.judge_address(state.email, state.deliverability.value, works=state.works)
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
        title=f"Find a working e-mail address of {contact.name}"[:_LONGEST_SUBJECT],
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
        contact.judge_address(state.email, state.deliverability.value, works=True)
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


def _sender(mail: Mail) -> str | None:
    found = ADDRESS.search(mail.header("from"))
    try:
        return email_address(found[0]) if found else None
    except ValueError:
        return None


def _source_id(mail: Mail, content: bytes) -> str:
    """The mail's own id, or a fingerprint of it where it has none that will do."""
    own = mail.header("message-id").strip("<> ").replace("\0", "")
    return own if 0 < len(own) <= _LONGEST_ID else hashlib.sha256(content).hexdigest()


def _outcome(verdict: Verdict) -> str:
    if verdict.is_complaint:
        return "complaint"
    return f"bounce:{verdict.bounce_class.value}" if verdict.is_bounce else "received"
