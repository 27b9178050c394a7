"""Deciding what happens to people who may be there already, and to those who write to us."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from crm_chassis import db
from crm_contacts.commands import scanning
from crm_contacts.commands.scanning import ScanContacts
from crm_contacts.model.duplicate import DuplicateRule
from crm_contacts.model.mail import MailPolicy
from crm_contacts.queries import matching


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPolicy:
    """The rule at the door, the thresholds, and weights that differ from the usual ones."""

    rule: DuplicateRule
    same: float
    review: float
    weights: Mapping[str, float] = field(default_factory=dict)
    owner_id: UUID | None = None


def set_policy(session: Session, command: SetPolicy, *, now: datetime) -> None:
    """Replace the policy; weights or thresholds that differ ask for a scan.

    What was decided stays decided; scores of open pairs follow.
    """
    before = matching.policy(session)
    values = {
        "rule": command.rule.value,
        "same": command.same,
        "review": command.review,
        "weights": orjson.dumps(dict(command.weights)).decode(),
    }
    db.cursor(session).execute(_SET, values)
    judged = (before.same, before.review, dict(before.weights))
    if judged != (command.same, command.review, dict(command.weights)):
        scanning.scan_contacts(session, ScanContacts(owner_id=command.owner_id), now=now)


_SET = """
insert into duplicate_policy (object, rule, same, review, weights)
values ('contact', %(rule)s, %(same)s, %(review)s, %(weights)s::jsonb)
on conflict (object) do update set
    rule = excluded.rule, same = excluded.same, review = excluded.review, weights = excluded.weights
"""


def set_mail_policy(session: Session, policy: MailPolicy) -> None:
    """Replace the rule for mail; what came in before stays as it is."""
    values = (policy.strangers.value, policy.companies, sorted(policy.own_domains))
    db.cursor(session).execute(_SET_FOR_MAIL, values)


_SET_FOR_MAIL = """
insert into mail_policy (strangers, companies, own_domains) values (%s, %s, %s)
on conflict (is_only) do update set
    strangers = excluded.strangers, companies = excluded.companies,
    own_domains = excluded.own_domains
"""
