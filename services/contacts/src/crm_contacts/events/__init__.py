"""What contacts tells: the model in, the announcement of a contract fact out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crm_chassis.outbox import Announcement, record_fields
from crm_contacts.events.subjects import subject_refs
from crm_contacts.model.account import Account
from crm_contacts.model.contact import Contact
from crm_contacts.model.conversion import LeadConversion
from crm_contacts.model.interaction import Interaction
from crm_contacts.model.point import ContactPoint
from crm_contacts.model.reach import CHANNELS
from crm_contacts.model.values import PointKind
from crm_contracts import Candidate
from crm_contracts import contacts as contracts


def contact_created(contact: Contact) -> Announcement:
    return Announcement(contracts.ContactCreated, contact_record(contact))


def contact_updated(contact: Contact) -> Announcement:
    return Announcement(contracts.ContactUpdated, contact_record(contact))


def contact_assigned(contact: Contact) -> Announcement:
    return Announcement(contracts.ContactAssigned, contact_record(contact))


def contact_lifecycle_changed(contact: Contact) -> Announcement:
    return Announcement(contracts.ContactLifecycleChanged, contact_record(contact))


def contact_preferences_changed(contact: Contact) -> Announcement:
    return Announcement(contracts.ContactPreferencesChanged, contact_record(contact))


def contact_archived(contact: Contact) -> Announcement:
    return Announcement(contracts.ContactArchived, contact_record(contact))


def contact_restored(contact: Contact) -> Announcement:
    return Announcement(contracts.ContactRestored, contact_record(contact))


def contact_merged(contact: Contact) -> Announcement:
    return Announcement(contracts.ContactMerged, contact_record(contact))


def contact_unmerged(contact: Contact) -> Announcement:
    return Announcement(contracts.ContactUnmerged, contact_record(contact))


def account_created(account: Account) -> Announcement:
    return Announcement(contracts.AccountCreated, account_record(account))


def account_updated(account: Account) -> Announcement:
    return Announcement(contracts.AccountUpdated, account_record(account))


def account_assigned(account: Account) -> Announcement:
    return Announcement(contracts.AccountAssigned, account_record(account))


def account_lifecycle_changed(account: Account) -> Announcement:
    return Announcement(contracts.AccountLifecycleChanged, account_record(account))


def account_archived(account: Account) -> Announcement:
    return Announcement(contracts.AccountArchived, account_record(account))


def account_restored(account: Account) -> Announcement:
    return Announcement(contracts.AccountRestored, account_record(account))


def account_merged(account: Account) -> Announcement:
    return Announcement(contracts.AccountMerged, account_record(account))


def account_unmerged(account: Account) -> Announcement:
    return Announcement(contracts.AccountUnmerged, account_record(account))


def interaction_logged(interaction: Interaction) -> Announcement:
    return Announcement(contracts.InteractionLogged, interaction_record(interaction))


def interaction_updated(interaction: Interaction) -> Announcement:
    return Announcement(contracts.InteractionUpdated, interaction_record(interaction))


def lead_conversion_answered(conversion: LeadConversion) -> Announcement:
    return Announcement(contracts.LeadConversionAnswered, conversion_record(conversion))


def lead_conversion_refused(conversion: LeadConversion) -> Announcement:
    return Announcement(contracts.LeadConversionRefused, conversion_record(conversion))


def contact_record(contact: Contact) -> contracts.Contact:
    """The published shape of a contact."""
    return contracts.Contact(
        **record_fields(contact),
        first_name=contact.first_name,
        last_name=contact.last_name,
        name=contact.name,
        emails=_emails(contact),
        phones=_phones(contact),
        account_id=contact.account_id,
        account_ids=tuple(link.account_id for link in contact.links if link.is_active),
        account_links=_links(contact),
        job_title=contact.job_title,
        department=contact.department,
        language=contact.language,
        time_zone=contact.time_zone,
        birthday=contact.birthday,
        lifecycle=contact.lifecycle,
        source=contact.source,
        tags=tuple(contact.tags),
        do_not_call=contact.do_not_call,
        addresses=tuple(contracts.PostalAddress(**each) for each in contact.addresses),
        custom=contact.custom,
        merged_into_id=contact.merged_into_id,
        preferences=_preferences(contact.preferences),
        channels=_channels(contact),
    )


def _emails(contact: Contact) -> tuple[contracts.EmailPoint, ...]:
    return tuple(
        contracts.EmailPoint(
            value=point.value,
            label=point.label,
            primary=point.is_primary,
            deliverability=point.deliverability,
            opted_out=point.opted_out,
            **_judgement(point),
        )
        for point in contact.points_of(PointKind.EMAIL)
    )


def _phones(contact: Contact) -> tuple[contracts.PhonePoint, ...]:
    return tuple(
        contracts.PhonePoint(
            value=point.value, label=point.label, primary=point.is_primary, **_judgement(point)
        )
        for point in contact.points_of(PointKind.PHONE)
    )


def _channels(contact: Contact) -> tuple[contracts.ChannelPoint, ...]:
    return tuple(
        contracts.ChannelPoint(
            channel=kind, value=point.value, label=point.label, primary=point.is_primary
        )
        for kind in CHANNELS
        for point in contact.points_of(kind)
    )


def _links(contact: Contact) -> tuple[contracts.AccountLink, ...]:
    return tuple(
        contracts.AccountLink(
            account_id=link.account_id,
            role=link.role,
            is_primary=link.is_primary,
            active=link.is_active,
        )
        for link in contact.links
    )


def account_record(account: Account) -> contracts.Account:
    """The published shape of an account."""
    return contracts.Account(
        **record_fields(account),
        name=account.name,
        legal_name=account.legal_name,
        domain=account.domain,
        industry=account.industry,
        size_band=account.size_band,
        type=account.type,
        parent_id=account.parent_id,
        lifecycle=account.lifecycle,
        customer_since=account.customer_since,
        renewal_date=account.renewal_date,
        tags=tuple(account.tags),
        custom=account.custom,
        merged_into_id=account.merged_into_id,
    )


def interaction_record(interaction: Interaction) -> contracts.Interaction:
    """The published shape of an interaction."""
    return contracts.Interaction(
        **record_fields(interaction),
        type=interaction.type,
        direction=interaction.direction,
        at=interaction.at,
        duration_seconds=interaction.duration_seconds,
        subject=interaction.subject,
        summary=interaction.summary,
        subjects=subject_refs(interaction.subjects),
        source_service=interaction.source_service,
        source_id=interaction.source_id,
        outcome=interaction.outcome,
        event=interaction.event,
        properties=interaction.properties,
    )


def conversion_record(conversion: LeadConversion) -> contracts.LeadConversion:
    """The published shape of an answer to a lead's conversion."""
    return contracts.LeadConversion(
        **record_fields(conversion),
        lead_id=conversion.lead_id,
        status=conversion.status,
        contact_id=conversion.contact_id,
        account_id=conversion.account_id,
        reason=conversion.reason,
        candidates=tuple(Candidate(**each) for each in conversion.candidates),
    )


def _judgement(point: ContactPoint) -> dict[str, Any]:
    return {
        "quality": point.quality,
        "judged_at": point.judged_at,
        "judged_by": point.judged_by,
        "judged_why": point.judged_why,
    }


def _preferences(kept: Mapping[str, Any]) -> contracts.Preferences | None:
    if not kept:
        return None
    times = {
        name: datetime.fromisoformat(kept[name]) if kept.get(name) else None
        for name in ("pause_from", "pause_until")
    }
    caps = tuple(
        contracts.FrequencyCap(channel=channel, most=cap["most"], per=cap["per"])
        for channel, cap in sorted(kept.get("caps", {}).items())
    )
    return contracts.Preferences(channel=kept.get("channel"), caps=caps, **times)
