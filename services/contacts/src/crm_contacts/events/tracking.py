"""What contacts tells of the types of events it takes in."""

from crm_chassis.outbox import Announcement, record_fields
from crm_contacts.model.event_type import EventType
from crm_contracts.contacts import tracking as contracts


def event_type_created(kind: EventType) -> Announcement:
    return Announcement(contracts.EventTypeCreated, event_type_record(kind))


def event_type_updated(kind: EventType) -> Announcement:
    return Announcement(contracts.EventTypeUpdated, event_type_record(kind))


def event_type_archived(kind: EventType) -> Announcement:
    return Announcement(contracts.EventTypeArchived, event_type_record(kind))


def event_type_restored(kind: EventType) -> Announcement:
    return Announcement(contracts.EventTypeRestored, event_type_record(kind))


def event_type_record(kind: EventType) -> contracts.EventType:
    """The published shape of a type of events."""
    return contracts.EventType(
        **record_fields(kind),
        name=kind.name,
        title=kind.title,
        properties=tuple(
            contracts.EventProperty(**each | {"options": tuple(each["options"])})
            for each in kind.properties
        ),
    )
