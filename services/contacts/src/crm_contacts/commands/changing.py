"""The order of checks that every change of an existing record keeps."""

from crm_chassis import db
from crm_contacts.model.errors import Archived

ANY_VERSION = -1  # what a batch says that archives whatever is there


def expect(aggregate: db.Aggregate, version: int | None) -> None:
    """Raise PreconditionRequired or StaleVersion, unless any version will do."""
    if version != ANY_VERSION:
        aggregate.expect(version)


def refuse_archived(aggregate: db.Aggregate) -> None:
    """Raise Archived for a record that was put away."""
    if aggregate.archived_at is not None:
        raise Archived(aggregate.id)
