"""Accounts of services: programs with an owner, which have keys that end, and nothing else."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import ids, outbox
from crm_chassis.problems import Invalid, NotFound
from crm_gateway import events
from crm_gateway.identity import credentials
from crm_gateway.model import Credential, User
from crm_gateway.queries import identity as queries

KEYS_LAST = timedelta(days=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateService:
    """Let a program act by keys; `owner_id` answers for it."""

    name: str
    roles: list[str]
    owner_id: UUID
    team_id: UUID | None = None
    user_id: UUID = field(default_factory=ids.new)


def create_service(session: Session, command: CreateService, *, now: datetime) -> User:
    """Create and announce it. Raises Invalid for an owner who is no person of the house."""
    owner = queries.user(session, command.owner_id)
    if owner is None or owner.account_type != "person" or not owner.may_sign_in:
        raise Invalid({"owner_id": ["no such person"]})
    made = User(
        id=command.user_id, email=f"{command.user_id}@service.invalid", name=command.name,
        roles=sorted(set(command.roles)), team_id=command.team_id, owner_id=command.owner_id,
        account_type="service",
    )  # fmt: skip
    outbox.add(session, events.user_created, made, at=now)
    return made


def issue_key(
    session: Session, service_id: UUID, *, name: str, scopes: list[str], expires_at: datetime,
    now: datetime,
) -> tuple[Credential, str]:  # fmt: skip
    """Return a new key with its token, shown this once. Raises NotFound, Invalid."""
    service = queries.user(session, service_id)
    if service is None or service.account_type != "service" or service.archived_at is not None:
        raise NotFound(f"service account {service_id}")
    if not now < expires_at <= now + KEYS_LAST:
        raise Invalid({"expires_at": [f"within {KEYS_LAST.days} days from now"]})
    return credentials.issue_key(
        session, user_id=service_id, name=name, scopes=scopes, now=now, expires_at=expires_at
    )
