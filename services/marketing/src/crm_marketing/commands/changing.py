"""The check of versions that every change of an existing record keeps."""

from crm_chassis import db

ANY_VERSION = -1  # what a batch says that archives whatever is there


def expect(aggregate: db.Aggregate, version: int | None) -> None:
    """Raise PreconditionRequired or StaleVersion, unless any version will do."""
    if version != ANY_VERSION:
        aggregate.expect(version)
