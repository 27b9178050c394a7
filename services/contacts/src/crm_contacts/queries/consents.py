"""Reading what people allow."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from crm_contacts.model.consent import Channel, Consent, ConsentStatus


def said_of(
    session: Session, contact_id: UUID, channel: Channel, purpose: str
) -> Sequence[Consent]:
    """All that a contact said of a channel for a purpose."""
    statement = select(Consent).where(
        Consent.contact_id == contact_id, Consent.channel == channel, Consent.purpose == purpose
    )
    return session.scalars(statement).all()


def overdue_grants(session: Session, now: datetime, *, limit: int) -> Sequence[Consent]:
    """Grants whose time is over and that nothing said since has replaced."""
    later = aliased(Consent)
    replaced = select(later.id).where(
        later.contact_id == Consent.contact_id,
        later.channel == Consent.channel,
        later.purpose == Consent.purpose,
        later.at > Consent.at,
    )
    statement = (
        select(Consent)
        .where(
            Consent.status == ConsentStatus.GRANTED,
            Consent.expires_at <= now,
            ~replaced.exists(),
        )
        .order_by(Consent.expires_at)
        .limit(limit)
    )
    return session.scalars(statement).all()
