"""Reading one aggregate in order to change it."""

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

A = TypeVar("A")


def for_update(session: Session, model: type[A], aggregate_id: UUID) -> A | None:
    """Return the aggregate, locked and as it is now; None when there is none.

    What this transaction has changed already is returned as changed: it is locked, and reading it
    anew would lose the change that is not flushed yet (two operations of a batch on one record).
    """
    key: Any = identity_key(model, aggregate_id)
    held = session.identity_map.get(key)
    if held is not None and session.is_modified(held):
        return held  # type: ignore[no-any-return]
    return session.get(model, aggregate_id, with_for_update=True, populate_existing=True)
