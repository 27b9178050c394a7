"""What addressees do with our mails."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_marketing import events
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
