"""Having a mail sent again that did not arrive."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_marketing import events
from crm_marketing.model.errors import RecordArchived
from crm_marketing.model.message import Message
from crm_marketing.queries import marks, records


@dataclass(frozen=True, slots=True, kw_only=True)
class SendAgain:
    """Queue a mail that failed; of one that is in doubt the contact may get two."""

    message_id: UUID


def send_again(session: Session, command: SendAgain, *, now: datetime) -> Message:
    """Queue it anew and tell. Raises NotFound, NothingToRepeat, RecordArchived."""
    message = records.for_update(session, Message, command.message_id)
    if records.campaign(session, message.campaign_id).archived_at is not None:
        raise RecordArchived(message.campaign_id)
    message.queue_again(at=now)
    outbox.add(session, events.message_queued, message, at=now)
    marks.leave(session, marks.CAMPAIGNS, [message.campaign_id])
    return message
