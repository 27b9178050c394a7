"""Saved views."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from crm_chassis.auth import RESTRICTED, Principal
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


def shown_to(session: Session, kind: str, who: Principal) -> Sequence[SavedView]:
    """Return up to 100 views of one kind of record that somebody owns or that are shared, by name."""
    shared = SavedView.visibility.not_in(RESTRICTED)
    ours = and_(SavedView.visibility == "team", SavedView.team_id.in_(who.team_ids))
    statement = saved_views({"object": kind}).where(
        or_(SavedView.owner_id == who.user_id, shared, ours)
    )
    return session.scalars(statement.order_by(SavedView.name, SavedView.id).limit(100)).all()
