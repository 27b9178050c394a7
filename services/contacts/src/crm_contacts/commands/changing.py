"""The order of checks that every change of an existing record keeps."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from crm_chassis import db
from crm_contacts.model.contact import Contact
from crm_contacts.model.errors import Archived, ContactMerged
from crm_contacts.model.values import Subject
from crm_contacts.queries import merges

ANY_VERSION = -1  # what a batch says that archives whatever is there


def expect(aggregate: db.Aggregate, version: int | None) -> None:
    """Raise PreconditionRequired or StaleVersion, unless any version will do."""
    if version != ANY_VERSION:
        aggregate.expect(version)


def refuse_merged(contact: Contact) -> None:
    """Raise ContactMerged for a contact that was absorbed by another."""
    if contact.merged_into_id is not None:
        raise ContactMerged(contact.id, contact.merged_into_id)


def settled(session: Session, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same fields, their `subjects` pointing at who the contacts named are now.

    No merge of these contacts overtakes the transaction.
    """
    subjects: tuple[Subject, ...] = tuple(fields.get("subjects") or ())
    named = [each.id for each in subjects if each.type == "contact"]
    now = merges.survivors(session, named)
    if all(now.get(each, each) == each for each in named):
        return dict(fields)
    living = (
        replace(each, id=now.get(each.id, each.id)) if each.type == "contact" else each
        for each in subjects
    )
    return {**fields, "subjects": tuple(dict.fromkeys(living))}


def refuse_archived(aggregate: db.Aggregate) -> None:
    """Raise Archived for a record that was put away."""
    if aggregate.archived_at is not None:
        raise Archived(aggregate.id)
