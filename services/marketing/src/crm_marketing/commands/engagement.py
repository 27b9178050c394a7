"""What addressees do with our mails."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_marketing import events
from crm_marketing.model.errors import NeverSent
from crm_marketing.model.message import Message
from crm_marketing.queries import marks, records


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOpen:
    message_id: UUID


def record_open(session: Session, command: RecordOpen, *, now: datetime) -> Message:
    """Count an open. Raises NotFound."""
    message = records.for_update(session, Message, command.message_id)
    message.opened(at=now)
    outbox.add(session, events.message_opened, message, at=now)
    marks.leave(session, marks.CAMPAIGNS, [message.campaign_id])
    return message


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordClick:
    message_id: UUID


def record_click(session: Session, command: RecordClick, *, now: datetime) -> Message:
    """Note a click. Raises NotFound."""
    message = records.for_update(session, Message, command.message_id)
    message.clicked(at=now)
    outbox.add(session, events.message_clicked, message, at=now)
    marks.leave(session, marks.CAMPAIGNS, [message.campaign_id])
    return message


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscribe:
    message_id: UUID


def unsubscribe(session: Session, command: Unsubscribe, *, now: datetime) -> Message:
    """Tell that the addressee wants no more. Raises NotFound.

    Contacts writes it down and opts the contact out, of which we hear. Until then, and after the
    contact agreed again, it is told again; who is opted out already changes nothing.
    """
    message = records.for_update(session, Message, command.message_id)
    addressee = records.addressees(session, [message.contact_id])[message.contact_id]
    if message.unsubscribed_at is not None and addressee.opted_out:
        return message
    message.unsubscribe(at=now)
    outbox.add(session, events.message_unsubscribed, message, at=now)
    return message


@dataclass(frozen=True, slots=True, kw_only=True)
class Complain:
    message_id: UUID


def complain(session: Session, command: Complain, *, now: datetime) -> Message:
    """Tell once that a mail was called unwanted. Raises NotFound, NeverSent."""
    message = records.for_update(session, Message, command.message_id)
    if message.sent_at is None:
        raise NeverSent(message.id)
    if message.complain(at=now):
        outbox.add(session, events.message_complained, message, at=now)
    return message
