"""What teams can be asked: they stand below one another."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_chassis.problems import Invalid
from crm_gateway import events
from crm_gateway.model import Team
from crm_gateway.queries import identity as queries
from crm_gateway.queries import roles


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTeam:
    """Make a group of users, below another if it is named."""

    name: str
    parent_id: UUID | None = None


def create_team(session: Session, command: CreateTeam, *, now: datetime) -> Team:
    """Create and announce a team. Raises Invalid for a team there is not."""
    _refuse_unknown(session, command.parent_id)
    team = Team(name=command.name, parent_id=command.parent_id)
    outbox.add(session, events.team_created, team, at=now)
    return team


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTeam:
    """Change name or parent_id."""

    team_id: UUID
    expected_version: int | None
    changes: Mapping[str, Any]


def change_team(session: Session, command: ChangeTeam, *, now: datetime) -> Team:
    """Change and announce a team. Raises NotFound, StaleVersion, Invalid for a ring."""
    if "parent_id" in command.changes:
        roles.hold_teams(session)
    team = queries.team_for_update(session, command.team_id)
    team.expect(command.expected_version)
    parent_id = command.changes.get("parent_id")
    _refuse_unknown(session, parent_id)
    if parent_id is not None and parent_id in roles.teams_below(session, team.id):
        raise Invalid({"parent_id": ["is the team itself, or below it"]})
    for name, value in command.changes.items():
        setattr(team, name, value)
    if session.is_modified(team):
        outbox.add(session, events.team_updated, team, at=now)
    return team


def _refuse_unknown(session: Session, parent_id: UUID | None) -> None:
    if parent_id is not None and roles.team(session, parent_id) is None:
        raise Invalid({"parent_id": ["no such team"]})
