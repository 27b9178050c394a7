"""Saved views."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from crm_chassis.problems import NotFound
from crm_gateway.model import SavedView

SORTS = {"name": SavedView.name, "created_at": SavedView.created_at}


def saved_views(filters: Mapping[str, Any]) -> Select[Any]:
    """Return the statement of live views, of one kind of record if it is named."""
    statement = select(SavedView).where(SavedView.archived_at.is_(None))
    if wanted := filters.get("object"):
        statement = statement.where(SavedView.object == wanted)
    return statement


def for_update(session: Session, view_id: UUID) -> SavedView:
    """Return the locked view. Raises NotFound."""
    found = session.scalar(select(SavedView).where(SavedView.id == view_id).with_for_update())
    if found is None:
        raise NotFound(f"view {view_id}")
    return found
