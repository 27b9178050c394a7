"""Saving how a list is seen, for oneself, a team or everybody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_chassis.auth import Principal
from crm_chassis.problems import Forbidden
from crm_gateway import events
from crm_gateway.model import SavedView
from crm_gateway.queries import saved_views as queries


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveView:
    """Keep a view with these fields; private unless they say otherwise."""

    fields: Mapping[str, Any]
    owner_id: UUID | None


def save_view(session: Session, command: SaveView, *, now: datetime) -> SavedView:
    """Save and announce a view. A name used twice (NameTaken) is refused by the database."""
    fields = {"visibility": "private", **command.fields, "owner_id": command.owner_id}
    view = SavedView(**fields)
    outbox.add(session, events.saved_view_created, view, at=now)
    return view


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """Change the fields named, as `who`."""

    view_id: UUID
    expected_version: int | None
    who: Principal
    changes: Mapping[str, Any]


def change_view(session: Session, command: ChangeView, *, now: datetime) -> SavedView:
    """Change and announce a view. Raises NotFound, StaleVersion, Forbidden."""
    view = queries.for_update(session, command.view_id)
    view.expect(command.expected_version)
    _refuse_others(view, command.who)
    view.change(command.changes)
    if session.is_modified(view):
        outbox.add(session, events.saved_view_updated, view, at=now)
    return view


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveView:
    """Put a view away, or bring it back, as `who`."""

    view_id: UUID
    expected_version: int | None
    who: Principal


def archive_view(session: Session, command: ArchiveView, *, now: datetime) -> SavedView:
    """Archive once and announce it. Raises NotFound, StaleVersion, Forbidden."""
    view = queries.for_update(session, command.view_id)
    if view.archived_at is None:
        view.expect(command.expected_version)
        _refuse_others(view, command.who)
        view.archive(at=now)
        outbox.add(session, events.saved_view_archived, view, at=now)
    return view


def restore_view(session: Session, command: ArchiveView, *, now: datetime) -> SavedView:
    """Restore once and announce it. Raises NotFound, StaleVersion, Forbidden, NameTaken."""
    view = queries.for_update(session, command.view_id)
    if view.archived_at is not None:
        view.expect(command.expected_version)
        _refuse_others(view, command.who)
        view.restore()
        outbox.add(session, events.saved_view_restored, view, at=now)
    return view


def _refuse_others(view: SavedView, who: Principal) -> None:
    if not who.is_admin and view.owner_id != who.user_id:
        raise Forbidden(detail="only its owner changes a view")
