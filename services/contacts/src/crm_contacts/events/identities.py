"""What contacts tells of visitors."""

from crm_chassis.outbox import Announcement, record_fields
from crm_contacts.model.identity import Identity
from crm_contracts.contacts import identities as contracts


def identity_created(identity: Identity) -> Announcement:
    return Announcement(contracts.IdentityCreated, identity_record(identity))


def identity_updated(identity: Identity) -> Announcement:
    return Announcement(contracts.IdentityUpdated, identity_record(identity))


def identity_identified(identity: Identity) -> Announcement:
    return Announcement(contracts.IdentityIdentified, identity_record(identity))


def identity_record(identity: Identity) -> contracts.Identity:
    """The published shape of a visitor."""
    return contracts.Identity(
        **record_fields(identity),
        channel=identity.channel,
        value=identity.value,
        contact_id=identity.contact_id,
        first_seen_at=identity.first_seen_at,
        last_seen_at=identity.last_seen_at,
        identified_at=identity.identified_at,
        profile=identity.profile,
    )
