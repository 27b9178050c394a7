"""What marketing does once when others' facts arrive."""

from datetime import datetime

from sqlalchemy.orm import Session

from crm_chassis.project import Copy
from crm_contracts.contacts import ContactMerged, ContactUnmerged
from crm_contracts.sales import DealWon
from crm_marketing.commands import merges
from crm_marketing.commands.enrollments import Welcome, welcome


def deal_won(session: Session, fact: DealWon, *, now: datetime) -> None:
    """The deal's contact has become a customer: welcome them, once per deal."""
    deal = fact.record
    contact_id = deal.primary_contact_id or next(iter(deal.contact_ids), None)
    if contact_id is not None:
        welcome(session, Welcome(deal_id=deal.id, contact_id=contact_id), now=now)


def contact_merged(
    session: Session, fact: ContactMerged | ContactUnmerged, contacts: Copy, *, now: datetime
) -> None:
    """Point at the survivor what pointed at the absorbed contact, or back."""
    merges.follow(session, fact, contacts, now=now)


contact_unmerged = contact_merged
