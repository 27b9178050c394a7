"""Noting who is seen, and recognising them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_chassis.problems import Invalid
from crm_contacts import events
from crm_contacts.commands import duplicates
from crm_contacts.commands.changing import refuse_archived
from crm_contacts.events import identities as told
from crm_contacts.model.contact import Contact
from crm_contacts.model.errors import IdentityTaken
from crm_contacts.model.identity import Identity, SeenOn
from crm_contacts.model.values import Subject
from crm_contacts.queries import identities, records


@dataclass(frozen=True, slots=True, kw_only=True)
class SeeVisitor:
    """Somebody was seen on a channel; what of the profile is null is forgotten."""

    channel: SeenOn
    value: str
    profile: Mapping[str, Any] = field(default_factory=dict)
    seen_at: datetime | None = None


def see_visitor(session: Session, command: SeeVisitor, *, now: datetime) -> Identity:
    """Note a visitor once, and that they were seen again; announce what is news.

    A stranger who uses what one contact alone is reached by is that contact. Raises Invalid for
    what lies ahead.
    """
    at = command.seen_at or now
    if at > now:
        raise Invalid({"seen_at": ["Lies in the future."]})
    known = identities.seen_as(session, command.channel, command.value)
    if known is not None:
        if known.see(command.profile, at=at):
            outbox.add(session, told.identity_updated, known, at=now)
        return known
    profile = {key: value for key, value in command.profile.items() if value is not None}
    made = Identity(
        channel=command.channel, value=command.value, profile=profile,
        first_seen_at=at, last_seen_at=at,
    )  # fmt: skip
    kind = made.point_kind
    reached = identities.contacts_reached_by(session, kind, made.value) if kind else ()
    if len(reached) == 1:
        made.identify(reached[0], at=now)
    outbox.add(session, told.identity_created, made, at=now)
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognise:
    """A visitor is this contact, or whose e-mail address this is; `take_over`: no longer another."""

    identity_id: UUID
    contact_id: UUID | None = None
    email: str | None = None
    take_over: bool = False


def recognise(session: Session, command: Recognise, *, now: datetime) -> Identity:
    """Have the visitor be a contact, with all that passed between us; announce it.

    Raises NotFound, Invalid for a contact that is not there, Archived, IdentityTaken for a visitor
    who is another contact already, unless it is taken over.
    """
    identities.hold(session, command.identity_id)
    contact = _contact(session, command)
    identity = records.for_update(session, Identity, command.identity_id)
    former = identity.contact_id
    if former == contact.id:
        return identity
    if former is not None and not command.take_over:
        raise IdentityTaken(identity.id, contact_id=former)
    identity.identify(contact.id, at=now)
    outbox.add(session, told.identity_identified, identity, at=now)
    _reach(session, contact, identity, now=now)
    for each in identities.interactions_of(session, identity.id):
        each.subjects = _pointing(each.subjects, contact.id, former)
        outbox.add(session, events.interaction_updated, each, at=now)
    return identity


def _contact(session: Session, command: Recognise) -> Contact:
    """Lock the contact meant: contacts before visitors, as merges do."""
    wanted = command.contact_id
    if wanted is None and command.email is not None:
        wanted = records.contact_id_with_email(session, command.email)
    contact = records.contact_for_update(session, wanted)
    if contact is None:
        name = "contact_id" if command.email is None else "email"
        raise Invalid({name: ["no such contact"]})
    refuse_archived(contact)
    return contact


def _reach(session: Session, contact: Contact, identity: Identity, *, now: datetime) -> None:
    """What the visitor writes with is a way to reach the contact, and evidence of who it is."""
    kind = identity.point_kind
    if kind is None or contact.point(kind, identity.value) is not None:
        return
    contact.add_channel(kind, identity.value)
    duplicates.look_out(session, contact, now=now, may_block=False)
    outbox.add(session, events.contact_updated, contact, at=now)


def _pointing(
    subjects: tuple[Subject, ...], contact_id: UUID, former: UUID | None
) -> tuple[Subject, ...]:
    """What names the visitor names the contact too, in the place of whom it was taken for."""
    mistaken = Subject(type="contact", id=former) if former else None
    right = Subject(type="contact", id=contact_id)
    return tuple(dict.fromkeys([*(each for each in subjects if each != mistaken), right]))
