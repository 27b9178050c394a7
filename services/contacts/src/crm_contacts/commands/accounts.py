"""Asking for changes of accounts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_chassis.outbox import Announcement
from crm_contacts import events
from crm_contacts.commands.changing import expect, refuse_archived, refuse_merged, settled
from crm_contacts.commands.holding import begin
from crm_contacts.model.account import Account
from crm_contacts.model.errors import ParentCycle
from crm_contacts.model.values import AccountLifecycle
from crm_contacts.queries import hierarchy, records
from crm_fields.objects import Held


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateAccount:
    """Take up an account with these fields of the API, already validated."""

    fields: Mapping[str, Any]


def create_account(session: Session, command: CreateAccount, *, now: datetime) -> Account:
    """Create an account and announce it. Raises Invalid, RulesBroken, ValueTaken.

    ParentUnknown is refused by the database at flush.
    """
    fields = settled(session, command.fields)
    holding = begin(session, Held.ACCOUNT, fields, now=now)
    account = Account(name=holding.fields["name"])
    account.change(holding.fields)
    holding.judge(session, account)
    outbox.add(session, events.account_created, account, at=now)
    return account


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateAccount:
    """Change the fields named."""

    account_id: UUID
    expected_version: int | None
    changes: Mapping[str, Any]


def update_account(session: Session, command: UpdateAccount, *, now: datetime) -> Account:
    """Change an account and announce it.

    Raises NotFound, AlreadyMerged, StaleVersion, Archived, ParentCycle, Invalid, RulesBroken,
    ValueTaken.
    """
    if command.changes.get("parent_id"):
        hierarchy.hold(session)
    changes = settled(session, command.changes)
    parent_id = changes.get("parent_id")
    account = records.for_update(session, Account, command.account_id)
    refuse_merged(account)
    expect(account, command.expected_version)
    refuse_archived(account)
    if parent_id and account.id in records.account_and_its_parents(session, parent_id):
        raise ParentCycle(account.id)
    before = account.lifecycle, account.owner_id
    holding = begin(session, Held.ACCOUNT, changes, now=now, record=account)
    account.change(holding.fields)
    holding.judge(session, account)
    if not session.is_modified(account):
        return account
    outbox.add(session, _story(account, *before), account, at=now)
    return account


def _story(
    account: Account, lifecycle: AccountLifecycle, owner_id: UUID | None
) -> Callable[[Account], Announcement]:
    if account.lifecycle is not lifecycle:
        return events.account_lifecycle_changed
    return events.account_updated if account.owner_id == owner_id else events.account_assigned


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveAccount:
    """Put an account away."""

    account_id: UUID
    expected_version: int | None


def archive_account(session: Session, command: ArchiveAccount, *, now: datetime) -> Account:
    """Archive once and announce it. Raises NotFound, AlreadyMerged, StaleVersion."""
    account = records.for_update(session, Account, command.account_id)
    refuse_merged(account)
    if account.archived_at is not None:
        return account
    expect(account, command.expected_version)
    account.archive(at=now)
    outbox.add(session, events.account_archived, account, at=now)
    return account


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreAccount:
    """Bring an archived account back."""

    account_id: UUID
    expected_version: int | None


def restore_account(session: Session, command: RestoreAccount, *, now: datetime) -> Account:
    """Restore once and announce it. Raises NotFound, AlreadyMerged, StaleVersion."""
    account = records.for_update(session, Account, command.account_id)
    refuse_merged(account)
    if account.archived_at is None:
        return account
    expect(account, command.expected_version)
    account.restore()
    outbox.add(session, events.account_restored, account, at=now)
    return account
