"""Saying which events there are, and taking in those that other systems tell of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_chassis.auth import Principal
from crm_chassis.problems import Invalid
from crm_contacts import events
from crm_contacts.commands.changing import expect, refuse_archived
from crm_contacts.commands.identities import SeeVisitor, see_visitor
from crm_contacts.events import tracking as told
from crm_contacts.model.errors import EventQuotaUsedUp
from crm_contacts.model.event_type import EventType, read_properties
from crm_contacts.model.identity import SeenOn
from crm_contacts.model.interaction import Interaction
from crm_contacts.model.values import InteractionType, Subject
from crm_contacts.queries import merges, records
from crm_contacts.queries import tracking as queries

_AHEAD = timedelta(minutes=5)  # how much a clock elsewhere may be fast


@dataclass(frozen=True, slots=True, kw_only=True)
class DefineEvent:
    """Have a type of event with these fields of the API."""

    fields: Mapping[str, Any]


def define_event(session: Session, command: DefineEvent, *, now: datetime) -> EventType:
    """Define it and announce it."""
    made = EventType(**command.fields)
    outbox.add(session, told.event_type_created, made, at=now)
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEvent:
    """Change what a type of event is called, or says."""

    type_id: UUID
    expected_version: int | None
    changes: Mapping[str, Any]


def change_event(session: Session, command: ChangeEvent, *, now: datetime) -> EventType:
    """Change it and announce what differs. Raises NotFound, StaleVersion, Archived."""
    kind = records.for_update(session, EventType, command.type_id)
    expect(kind, command.expected_version)
    refuse_archived(kind)
    kind.change(command.changes)
    if session.is_modified(kind):
        outbox.add(session, told.event_type_updated, kind, at=now)
    return kind


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelveEvent:
    """Take no events of a type any more, or again."""

    type_id: UUID
    expected_version: int | None
    is_back: bool = False


def shelve_event(session: Session, command: ShelveEvent, *, now: datetime) -> EventType:
    """Archive or restore it once and announce it. Raises NotFound, StaleVersion."""
    kind = records.for_update(session, EventType, command.type_id)
    if (kind.archived_at is None) == command.is_back:
        return kind
    expect(kind, command.expected_version)
    if command.is_back:
        kind.restore()
    else:
        kind.archive(at=now)
    told_as = told.event_type_restored if command.is_back else told.event_type_archived
    outbox.add(session, told_as, kind, at=now)
    return kind


def use_up(session: Session, actor: str, number: int, *, most: int, now: datetime) -> None:
    """Count events against a day's quota (the days of UTC). Raises EventQuotaUsedUp."""
    if queries.taken(session, actor, now.date(), number) > most:
        tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
        raise EventQuotaUsedUp(most, seconds=int((tomorrow - now).total_seconds()) + 1)


def forget_quotas(session: Session, *, now: datetime) -> int:
    """Lose what was counted on earlier days; return of how many."""
    return queries.forget_quotas(session, before=now.date())


@dataclass(slots=True)
class Named:
    """What the events of one batch name, looked up together, once."""

    source: str
    who: Principal
    given: list[Mapping[str, Any]] = field(default_factory=list)
    is_known: bool = False
    types: Mapping[str, Any] = field(default_factory=dict)
    logged: Mapping[str, UUID] = field(default_factory=dict)
    emails: Mapping[str, UUID] = field(default_factory=dict)
    contacts: Mapping[UUID, UUID] = field(default_factory=dict)
    accounts: Mapping[UUID, UUID] = field(default_factory=dict)

    def look_up(self, session: Session) -> None:
        """Ask for all of it. No merge of the contacts and accounts overtakes the transaction."""
        if self.is_known:
            return
        kinds = queries.types_named(session, (each["type"] for each in self.given))
        self.types = {name: (kind.title, kind.properties) for name, kind in kinds.items()}
        self.logged = queries.logged(session, self.source, [each["id"] for each in self.given])
        self.emails = records.contacts_with_emails(
            session, {each["email"] for each in self.given if "email" in each}
        )
        ids = {each["contact_id"] for each in self.given if "contact_id" in each}
        accounts = {each["account_id"] for each in self.given if "account_id" in each}
        self.accounts = self._seen(session, "account", merges.surviving_accounts(session, accounts))
        people = merges.survivors(session, {*ids, *self.emails.values()})
        self.contacts = self._seen(session, "contact", people)
        self.is_known = True

    def _seen(self, session: Session, kind: str, found: Mapping[UUID, UUID]) -> Mapping[UUID, UUID]:
        """Those that who tells of them may see: nobody learns whose an address is."""
        seen = records.standing(session, self.who, kind, list(found.values()), "read")
        return {given: now for given, now in found.items() if now in seen}


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeEvent:
    """Take in an event, `{id, type, at, contact_id | email | visitor, account_id, properties}`."""

    event: Mapping[str, Any]
    named: Named
    owner_id: UUID | None = None


def take_event(session: Session, command: TakeEvent, *, now: datetime) -> Interaction:
    """Log an event as what passed between a customer and us, once by source and id.

    Raises Invalid for a type, property, contact or account there is none of.
    """
    event, named = command.event, command.named
    named.look_up(session)
    known_id = named.logged.get(event["id"]) or _told_twice(session, named, event["id"])
    known = records.plainly(session, Interaction, known_id) if known_id else None
    if known is not None:
        return known
    if event["at"] > now + _AHEAD:
        raise Invalid({"at": ["Lies in the future."]})
    if event["type"] not in named.types:
        raise Invalid({"type": ["There is no such type of event."]})
    title, properties = named.types[event["type"]]
    made = Interaction(
        type=InteractionType.WEB,
        at=min(event["at"], now),
        direction="in",
        subject=title,
        event=event["type"],
        properties=read_properties(properties, event["properties"]),
        subjects=tuple(dict.fromkeys(_subjects(session, event, named, now=now))),
        source_service=named.source,
        source_id=event["id"],
        owner_id=command.owner_id,
    )
    outbox.add(session, events.interaction_logged, made, at=now)
    return made


def _told_twice(session: Session, named: Named, source_id: str) -> UUID | None:
    """The batch may name an event twice: look where it was taken a moment ago."""
    if sum(each["id"] == source_id for each in named.given) == 1:
        return None
    session.flush()
    return queries.logged(session, named.source, [source_id]).get(source_id)


def _subjects(
    session: Session, event: Mapping[str, Any], named: Named, *, now: datetime
) -> list[Subject]:
    found = []
    if "visitor" in event:
        seen = SeeVisitor(
            channel=SeenOn(event["visitor"]["channel"]), value=event["visitor"]["value"],
            seen_at=min(event["at"], now),
        )  # fmt: skip
        visitor = see_visitor(session, seen, now=now)
        found.append(Subject(type="visitor", id=visitor.id))
        contact_id = visitor.contact_id
    else:
        field_name = "email" if "email" in event else "contact_id"
        given = named.emails.get(event["email"]) if "email" in event else event["contact_id"]
        contact_id = named.contacts.get(given) if given else None
        if contact_id is None:
            raise Invalid({field_name: ["no such contact"]})
    if contact_id is not None:
        found.append(Subject(type="contact", id=contact_id))
    if "account_id" in event:
        if event["account_id"] not in named.accounts:
            raise Invalid({"account_id": ["no such account"]})
        found.append(Subject(type="account", id=named.accounts[event["account_id"]]))
    return found
