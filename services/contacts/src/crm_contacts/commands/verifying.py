"""Saying by hand whether an e-mail address or telephone number is right."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import db, outbox
from crm_chassis.problems import Invalid
from crm_contacts import events
from crm_contacts.commands import addresses, duplicates
from crm_contacts.commands.changing import refuse_archived, refuse_merged
from crm_contacts.model.contact import Contact
from crm_contacts.model.reach import Quality
from crm_contacts.model.values import PointKind
from crm_contacts.queries import records


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyPoint:
    """One of the two is right, wrong, or not known to be either; `why` says how that is known."""

    contact_id: UUID
    quality: Quality
    email: str | None = None
    phone: str | None = None
    why: str | None = None


def verify_point(session: Session, command: VerifyPoint, *, now: datetime) -> Contact:
    """Note it with who said so, and announce it.

    A wrong address is written to no more, a right one again; a wrong number is no evidence of who
    somebody is. Raises NotFound, AlreadyMerged, Archived, Invalid for what the contact has not.
    """
    contact = records.for_update(session, Contact, command.contact_id)
    refuse_merged(contact)
    refuse_archived(contact)
    kind = PointKind.PHONE if command.email is None else PointKind.EMAIL
    value = command.email or command.phone or ""
    point = contact.point(kind, value)
    if point is None:
        raise Invalid({kind.value: ["the contact does not have it"]})
    by = db.context_of(session).actor
    said = (point.quality, point.judged_by, point.judged_why)
    if said == (command.quality, by, command.why):
        return contact
    if kind is PointKind.EMAIL:
        addresses.judged(session, contact, value, command.quality, why=command.why, now=now)
        return contact
    keys = contact.match_keys
    contact.judge_phone(point, command.quality, by=by, why=command.why, at=now)
    if contact.match_keys != keys:
        duplicates.look_out(session, contact, now=now, may_block=False)
    outbox.add(session, events.contact_updated, contact, at=now)
    return contact
