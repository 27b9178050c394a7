"""What marketing does once when others' facts arrive."""

from datetime import datetime

from sqlalchemy.orm import Session

from crm_contracts.sales import DealWon
from crm_marketing.commands.enrollments import Welcome, welcome


def deal_won(session: Session, fact: DealWon, *, now: datetime) -> None:
    """The deal's contact has become a customer: welcome them, once per deal."""
    deal = fact.record
    contact_id = deal.primary_contact_id or next(iter(deal.contact_ids), None)
    if contact_id is not None:
        welcome(session, Welcome(deal_id=deal.id, contact_id=contact_id), now=now)
