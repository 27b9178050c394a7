"""What contacts publishes of the events it takes in: which there are, and what they say."""

from dataclasses import dataclass
from typing import ClassVar

from crm_contracts.base import Fact, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class EventProperty:
    """What an event says: a value of this type, one of `options` where there are any."""

    key: str
    type: str
    label: str
    required: bool = False
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType(Record):
    """An event other systems may tell of a customer, by `name`; `title` is what people read."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "event_type"
    plural: ClassVar[str] = "event-types"

    name: str
    title: str
    properties: tuple[EventProperty, ...] = ()


class EventTypeCreated(Fact[EventType], type="contacts.event_type.created.v1"):
    """A type of event was defined."""


class EventTypeUpdated(Fact[EventType], type="contacts.event_type.updated.v1"):
    """A type of event says other things, or is called otherwise."""


class EventTypeArchived(Fact[EventType], type="contacts.event_type.archived.v1"):
    """Events of a type are not taken in any more."""


class EventTypeRestored(Fact[EventType], type="contacts.event_type.restored.v1"):
    """Events of a type are taken in again."""
