"""What is different about merging contacts and merging accounts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import db, outbox
from crm_chassis.project import Reference
from crm_contacts import events
from crm_contacts.commands import duplicates
from crm_contacts.commands.merges.references import OF_ACCOUNTS, OF_CONTACTS
from crm_contacts.events import recognition
from crm_contacts.model.account import Account
from crm_contacts.model.consent import MARKETING, Channel, current
from crm_contacts.model.contact import Contact
from crm_contacts.model.duplicate import DuplicateStatus
from crm_contacts.model.errors import ParentCycle
from crm_contacts.model.merge import Merge
from crm_contacts.model.survivorship import accounts, contacts
from crm_contacts.queries import consents, hierarchy, merges, records
from crm_contracts import Record
from crm_fields.objects import Held


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of records that may be merged; `rules` is a module of model/survivorship."""

    held: Held
    of: type[Any]
    rules: Any
    references: Sequence[Reference]
    record: Callable[[Any], Record]
    updated: outbox.Factory
    merged: outbox.Factory
    unmerged: outbox.Factory

    def prepare(self, session: Session) -> None:
        """Take what has to be taken before any record is locked."""

    def place(self, session: Session, survivor: Any, merged_ids: set[UUID]) -> None:
        """Settle of the survivor's fields what cannot be settled without looking around."""

    def joined(self, session: Session, merge: Merge, survivor: Any, *, now: datetime) -> None:
        """Do what follows when everything has moved."""

    def parting(self, survivor: Any, absorbed: Sequence[Any]) -> None:
        """Hand on what is to stay known, before the survivor loses it."""

    def parted(
        self, session: Session, merge: Merge, survivor: Any, absorbed: Sequence[Any], *,
        now: datetime,
    ) -> None:  # fmt: skip
        """Do what follows when everything has gone back."""


class Contacts(Kind):
    """People: their addresses, their pairs on the queue, what they said to marketing."""

    def prepare(self, session: Session) -> None:
        """Let their places be in accounts that stay."""
        hierarchy.keep(session)

    def joined(self, session: Session, merge: Merge, survivor: Contact, *, now: datetime) -> None:
        """Take the absorbed contacts' pairs off the queue; the survivor is compared anew."""
        by = db.context_of(session).actor
        found = merges.open_pairs(session, merge.absorbed_ids)
        for pair in found:
            pair.decide(DuplicateStatus.MERGED, by=by, at=now)
            outbox.add(session, recognition.duplicate_merged, pair, at=now)
        merge.pairs = [str(pair.id) for pair in found]
        duplicates.look_out(session, survivor, now=now, may_block=False)

    def parting(self, survivor: Contact, absorbed: Sequence[Contact]) -> None:
        """What became of an address while it was the survivor's stays known."""
        states = {(each.kind, each.value): each for each in survivor.points}
        for point in (point for each in absorbed for point in each.points):
            known = states.get((point.kind, point.value))
            if known is not None:
                point.deliverability = known.deliverability

    def parted(
        self, session: Session, merge: Merge, survivor: Contact, absorbed: Sequence[Contact], *,
        now: datetime,
    ) -> None:  # fmt: skip
        """Have the survivor's own consents count, and the pairs be open again."""
        del absorbed
        counts = current(consents.said_of(session, survivor.id, Channel.EMAIL, MARKETING))
        said_no = bool(merge.before["is_opted_out"]) if counts is None else counts.forbids
        survivor.opt_out(is_out=said_no)
        for pair in merges.pairs(session, merge.pairs):
            if pair.reopen():
                outbox.add(session, recognition.duplicate_updated, pair, at=now)


class Accounts(Kind):
    """Organisations: what they are part of."""

    def prepare(self, session: Session) -> None:
        """Let nobody else change what accounts are part of."""
        hierarchy.hold(session)

    def place(self, session: Session, survivor: Account, merged_ids: set[UUID]) -> None:
        """Be part of what was chosen, or the first above it that is no part of what is merged."""
        above = hierarchy.way_up(session, survivor.parent_id) if survivor.parent_id else []
        survivor.parent_id = next(
            (
                each
                for each in above
                if not merged_ids & records.account_and_its_parents(session, each)
            ),
            None,
        )

    def parted(
        self, session: Session, merge: Merge, survivor: Account, absorbed: Sequence[Account], *,
        now: datetime,
    ) -> None:  # fmt: skip
        """Refuse what would be part of itself, for its parents were moved since."""
        del merge, now
        session.flush()
        for each in (survivor, *absorbed):
            above = each.parent_id
            if above and each.id in records.account_and_its_parents(session, above):
                raise ParentCycle(each.id)


KINDS: Mapping[str, Kind] = {
    "contact": Contacts(
        held=Held.CONTACT, of=Contact, rules=contacts, references=OF_CONTACTS,
        record=events.contact_record, updated=events.contact_updated,
        merged=events.contact_merged, unmerged=events.contact_unmerged,
    ),
    "account": Accounts(
        held=Held.ACCOUNT, of=Account, rules=accounts, references=OF_ACCOUNTS,
        record=events.account_record, updated=events.account_updated,
        merged=events.account_merged, unmerged=events.account_unmerged,
    ),
}  # fmt: skip
