"""What we tell of what people allow."""

from uuid import UUID

from crm_chassis.outbox import Announcement, record_fields
from crm_contacts.model.consent import Consent
from crm_contracts import contacts as contracts


def consent_granted(consent: Consent) -> Announcement:
    return Announcement(contracts.ConsentGranted, consent_record(consent))


def consent_denied(consent: Consent) -> Announcement:
    return Announcement(contracts.ConsentDenied, consent_record(consent))


def consent_withdrawn(consent: Consent) -> Announcement:
    return Announcement(contracts.ConsentWithdrawn, consent_record(consent))


def consent_requested(consent: Consent) -> Announcement:
    return Announcement(contracts.ConsentRequested, consent_record(consent))


def consent_expired(consent: Consent) -> Announcement:
    return Announcement(contracts.ConsentExpired, consent_record(consent))


def consent_updated(consent: Consent) -> Announcement:
    return Announcement(contracts.ConsentUpdated, consent_record(consent))


def consent_record(consent: Consent) -> contracts.Consent:
    """The published shape of a consent; the evidence's network address stays here."""
    return contracts.Consent(
        **record_fields(consent),
        contact_id=consent.contact_id,
        channel=consent.channel,
        purpose=consent.purpose,
        status=consent.status,
        legal_basis=consent.legal_basis,
        source=consent.source,
        evidence=contracts.ConsentEvidence(
            text_version=consent.evidence.get("text_version"),
            form_id=consent.evidence.get("form_id"),
            message_id=_id(consent.evidence.get("message_id")),
            explanation=consent.evidence.get("explanation"),
        ),
        at=consent.at,
        expires_at=consent.expires_at,
    )


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None
