"""Deciding what happens to people who may be there already, and to those who write to us."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson
from sqlalchemy.orm import Session

from crm_chassis import db
from crm_contacts.model.duplicate import DuplicateRule
from crm_contacts.model.mail import MailPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPolicy:
    """The rule at the door, the thresholds, and weights that differ from the usual ones."""

    rule: DuplicateRule
    same: float
    review: float
    weights: Mapping[str, float] = field(default_factory=dict)


def set_policy(session: Session, command: SetPolicy) -> None:
    """Replace the policy; what was judged before stays until it is judged anew."""
    values = {
        "rule": command.rule.value,
        "same": command.same,
        "review": command.review,
        "weights": orjson.dumps(dict(command.weights)).decode(),
    }
    db.cursor(session).execute(_SET, values)


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
