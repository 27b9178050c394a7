"""Asking to log what passed between a customer and us."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_contacts import events
from crm_contacts.commands.changing import settled
from crm_contacts.model.interaction import Interaction
from crm_contacts.queries import records


@dataclass(frozen=True, slots=True, kw_only=True)
class LogInteraction:
    """Log an interaction with these fields of the API."""

    fields: Mapping[str, Any]


def log_interaction(session: Session, command: LogInteraction, *, now: datetime) -> Interaction:
    """Log and announce it; what has the same source and source id is logged already."""
    fields = command.fields
    known = records.interaction_of_source(
        session, fields.get("source_service"), fields.get("source_id")
    )
    if known is not None:
        return known
    interaction = Interaction(**settled(session, fields))
    outbox.add(session, events.interaction_logged, interaction, at=now)
    return interaction
