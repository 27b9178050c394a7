"""Recording what people allow; the others see its effect on the contact."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import ids, outbox
from crm_chassis.problems import Invalid, NotFound
from crm_contacts import events
from crm_contacts.commands.changing import refuse_archived
from crm_contacts.events import consents as told
from crm_contacts.model.consent import MARKETING, Channel, Consent, ConsentStatus, current
from crm_contacts.model.contact import Contact
from crm_contacts.queries import consents, records

AT_ONCE = 200
_FACTS = {
    ConsentStatus.GRANTED: told.consent_granted,
    ConsentStatus.DENIED: told.consent_denied,
    ConsentStatus.WITHDRAWN: told.consent_withdrawn,
    ConsentStatus.PENDING: told.consent_requested,
    ConsentStatus.EXPIRED: told.consent_expired,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordConsent:
    """Write down what a contact said, with these fields of the API."""

    contact_id: UUID
    fields: Mapping[str, Any]


def record_consent(session: Session, command: RecordConsent, *, now: datetime) -> Consent:
    """Append it and announce it. Raises NotFound, Archived, Invalid for what lies ahead.

    For marketing it takes effect at once: addresses are opted out or in, `do_not_call` follows the
    telephone. Whatever comes late is sorted in by its time; it never revives what was withdrawn
    after it.
    """
    contact = records.contact_for_update(session, command.contact_id)
    if contact is None:
        raise NotFound(f"contact {command.contact_id}")
    refuse_archived(contact)
    fields = {"at": now, **command.fields}
    if fields["at"] > now:
        raise Invalid({"at": ["Lies in the future."]})
    consent = Consent(contact_id=contact.id, owner_id=contact.owner_id, **fields)
    _append(session, contact, consent, now=now)
    return consent


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawMarketing:
    """A contact answered a mail of ours by wanting no more; `origin` is what told us."""

    origin: object
    contact_id: UUID
    source: str
    evidence: Mapping[str, str]
    at: datetime


def withdraw_marketing(
    session: Session, command: WithdrawMarketing, *, now: datetime
) -> Consent | None:
    """Append one withdrawal per origin and announce it; None for one known already, or of a contact that is not there.

    Who was put away meanwhile has said it all the same, and is not asked again once back.
    """
    contact = records.contact_for_update(session, command.contact_id)
    consent_id = ids.derived("consent", command.origin)
    if contact is None or records.plainly(session, Consent, consent_id) is not None:
        return None
    consent = Consent(
        id=consent_id,
        contact_id=contact.id,
        owner_id=contact.owner_id,
        channel=Channel.EMAIL,
        purpose=MARKETING,
        status=ConsentStatus.WITHDRAWN,
        source=command.source,
        evidence=dict(command.evidence),
        at=min(command.at, now),
    )
    _append(session, contact, consent, now=now)
    return consent


def expire_consents(session: Session, *, now: datetime) -> int:
    """Follow grants whose time is over with their end; return how many."""
    overdue = consents.overdue_grants(session, now, limit=AT_ONCE)
    for grant in sorted(overdue, key=lambda each: each.contact_id):
        contact = records.for_update(session, Contact, grant.contact_id)
        ended = Consent(
            contact_id=grant.contact_id,
            owner_id=grant.owner_id,
            channel=grant.channel,
            purpose=grant.purpose,
            status=ConsentStatus.EXPIRED,
            legal_basis=grant.legal_basis,
            source="expiry",
            at=now,
        )
        _append(session, contact, ended, now=now)
    return len(overdue)


def _append(session: Session, contact: Contact, consent: Consent, *, now: datetime) -> None:
    said = consents.said_of(session, contact.id, consent.channel, consent.purpose)
    outbox.add(session, _FACTS[consent.status], consent, at=now)
    counts = current([*said, consent])
    if consent.purpose != MARKETING or counts is None:
        return
    is_changed = False
    if consent.channel is Channel.EMAIL:
        is_changed = contact.opt_out(is_out=counts.forbids)
    elif consent.channel is Channel.PHONE and contact.do_not_call != counts.forbids:
        contact.do_not_call, is_changed = counts.forbids, True
    if is_changed:
        outbox.add(session, events.contact_updated, contact, at=now)
