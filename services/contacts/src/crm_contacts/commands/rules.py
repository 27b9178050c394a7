"""Asking for rules that records are held to, and for how texts are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_contacts.commands import defining
from crm_contacts.commands.changing import expect, refuse_archived
from crm_contacts.events import rules as events
from crm_contacts.model.rule import STYLES, NamingRule, ValidationRule, parted
from crm_contacts.model.rulebook import check_naming, understood
from crm_contacts.queries import records
from crm_contacts.queries.rulebook import rulebook
from crm_fields.judging import CHECKS

Rule = ValidationRule | NamingRule
_TOLD: Mapping[type[Rule], tuple[outbox.Factory, ...]] = {
    ValidationRule: (
        events.validation_rule_created, events.validation_rule_updated,
        events.validation_rule_archived, events.validation_rule_restored,
    ),
    NamingRule: (
        events.naming_rule_created, events.naming_rule_updated, events.naming_rule_archived,
        events.naming_rule_restored,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRule:
    """Have a rule of this kind, with these fields of the API."""

    kind: type[Rule]
    fields: Mapping[str, Any]


def create_rule(session: Session, command: CreateRule, *, now: datetime) -> Rule:
    """Add a rule; it counts from the commit on, for what is written then. Raises Invalid."""
    rule = built(session, command.kind, command.fields)
    defining.renew(session)
    outbox.add(session, _TOLD[command.kind][0], rule, at=now)
    return rule


def built(session: Session, kind: type[Rule], fields: Mapping[str, Any]) -> Rule:
    """Return a rule that is not kept. Raises Invalid for one that cannot be read."""
    rule: Rule
    if kind is ValidationRule:
        rest, check, argument = parted(fields, CHECKS)
        rule = ValidationRule(**rest, kind_of_check=check, argument=argument)
    else:
        rest, style, argument = parted(fields, STYLES)
        rule = NamingRule(**rest, style=style, argument=argument)
    _check(session, rule)
    return rule


def _check(session: Session, rule: Rule) -> None:
    specs = rulebook(session).of[rule.object].specs
    if isinstance(rule, ValidationRule):
        understood(rule, specs)
    else:
        check_naming(rule, specs)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRule:
    """Change the fields named; naming another check replaces the one there is."""

    kind: type[Rule]
    rule_id: UUID
    expected_version: int | None
    changes: Mapping[str, Any]


def update_rule(session: Session, command: UpdateRule, *, now: datetime) -> Rule:
    """Change a rule. Raises NotFound, StaleVersion, Archived, Invalid."""
    rule = records.for_update(session, command.kind, command.rule_id)
    expect(rule, command.expected_version)
    refuse_archived(rule)
    rule.change(command.changes)
    _check(session, rule)
    if not session.is_modified(rule):
        return rule
    defining.renew(session)
    defining.forget_breaches(session, rule.id)
    outbox.add(session, _TOLD[command.kind][1], rule, at=now)
    return rule


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveRule:
    """Put a rule away; it counts no longer."""

    kind: type[Rule]
    rule_id: UUID
    expected_version: int | None


def archive_rule(session: Session, command: ArchiveRule, *, now: datetime) -> Rule:
    """Archive once and announce it. Raises NotFound, StaleVersion."""
    rule = records.for_update(session, command.kind, command.rule_id)
    if rule.archived_at is not None:
        return rule
    expect(rule, command.expected_version)
    defining.renew(session)
    defining.forget_breaches(session, rule.id)
    rule.archive(at=now)
    outbox.add(session, _TOLD[command.kind][2], rule, at=now)
    return rule


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreRule:
    """Have a rule count again."""

    kind: type[Rule]
    rule_id: UUID
    expected_version: int | None


def restore_rule(session: Session, command: RestoreRule, *, now: datetime) -> Rule:
    """Restore once and announce it. Raises NotFound, StaleVersion."""
    rule = records.for_update(session, command.kind, command.rule_id)
    if rule.archived_at is None:
        return rule
    expect(rule, command.expected_version)
    defining.renew(session)
    rule.restore()
    outbox.add(session, _TOLD[command.kind][3], rule, at=now)
    return rule
