"""The order of checks that every change of an existing record keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from crm_chassis import db
from crm_contacts.model.account import Account
from crm_contacts.model.contact import Contact
from crm_contacts.model.errors import AlreadyMerged, Archived
from crm_contacts.model.values import Link, Subject
from crm_contacts.queries import identities, merges

_ACCOUNTS = ("account_id", "parent_id")
ANY_VERSION = -1  # what a batch says that archives whatever is there


def expect(aggregate: db.Aggregate, version: int | None) -> None:
    """Raise PreconditionRequired or StaleVersion, unless any version will do."""
    if version != ANY_VERSION:
        aggregate.expect(version)


def refuse_merged(record: Contact | Account) -> None:
    """Raise AlreadyMerged for a contact or account that was absorbed by another."""
    if record.merged_into_id is not None:
        raise AlreadyMerged(record.id, record.merged_into_id)


def settled(session: Session, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same fields, their subjects and accounts being what those named are now.

    A visitor who has been recognised brings the contact along.

    No merge of them overtakes the transaction. Call it before any record is locked.
    """
    subjects: Sequence[Subject] = fields.get("subjects") or ()
    links: Sequence[Link] = fields.get("account_links") or ()
    named = {each.id for each in subjects if each.type == "account"}
    named |= {each.account_id for each in links}
    named |= {fields[name] for name in _ACCOUNTS if fields.get(name)}
    accounts = merges.surviving_accounts(session, named)
    visitors = [each.id for each in subjects if each.type == "visitor"]
    known = identities.contacts_of(session, visitors)
    subjects = (*subjects, *(Subject(type="contact", id=known[each]) for each in known))
    people = [each.id for each in subjects if each.type == "contact"]
    now = {**merges.survivors(session, people), **accounts}
    kept = dict(fields)
    if not known and all(now.get(each, each) == each for each in (*named, *people)):
        return kept
    kept |= {name: now.get(fields[name], fields[name]) for name in _ACCOUNTS if fields.get(name)}
    if subjects:
        living = (replace(each, id=now.get(each.id, each.id)) for each in subjects)
        kept["subjects"] = tuple(dict.fromkeys(living))
    if links:
        moved = (replace(each, account_id=now.get(each.account_id, each.account_id))
                 for each in links)  # fmt: skip
        kept["account_links"] = list({each.account_id: each for each in moved}.values())
    return kept


def refuse_archived(aggregate: db.Aggregate) -> None:
    """Raise Archived for a record that was put away."""
    if aggregate.archived_at is not None:
        raise Archived(aggregate.id)
