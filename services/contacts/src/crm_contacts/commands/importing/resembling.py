"""Rows that may be somebody without being known to be: the deployment's rule, over a set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import clock, ids
from crm_contacts.commands.importing.planned import Planned, effective_rule
from crm_contacts.model.duplicate import DuplicateRule
from crm_contacts.model.interchange import DuplicatesRule, Import, RowStatus
from crm_contacts.model.newcomer import Newcomer
from crm_contacts.model.values import company_key
from crm_contacts.queries import imports, matching
from crm_matching import Judgement, Person, judge
from crm_matching.keys import LARGEST_BLOCK
from crm_matching.rules import Surroundings, Verdict, Weights


@dataclass(slots=True, kw_only=True)
class _Looked:
    """A newcomer as it is recognised."""

    planned: Planned
    person: Person
    keys: Sequence[str]


@dataclass(slots=True, kw_only=True)
class _Base:
    """Whom newcomers are compared with: contacts, and newcomers of the same set before them."""

    by_key: Mapping[str, Sequence[UUID]]
    people: Mapping[UUID, Person]
    around: Surroundings
    weights: Weights
    earlier: dict[str, list[Person]] = field(default_factory=dict)


def settle(session: Session, file: Import, planned: Sequence[Planned]) -> None:
    """Refuse newcomers that may be there already, or make them updates, as the rule says."""
    policy = matching.policy(session)
    rule = effective_rule(file, blocks=policy.rule is DuplicateRule.BLOCK)
    if rule is DuplicatesRule.CREATE:
        return
    looked = _looked(session, planned)
    keys = {key for each in looked for key in each.keys}
    by_key = imports.sharing_keys(session, keys, most=LARGEST_BLOCK)
    people = matching.people(session, {each for some in by_key.values() for each in some})
    base = _Base(
        by_key=by_key, people=people, around=matching.surroundings(session, people),
        weights=policy.effective,
    )  # fmt: skip
    for each in looked:
        _judge(each, base, rule)


def _looked(session: Session, planned: Sequence[Planned]) -> list[_Looked]:
    new = [each for each in planned if each.action is RowStatus.CREATE]
    names = {company_key(each.row.body.get("company") or "") for each in new} - {""}
    accounts = imports.live_accounts(session, names)
    now = clock.now()
    found = []
    for each in new:
        account_id = accounts.get(company_key(each.row.body.get("company") or ""))
        made = Newcomer.of(
            each.fields, contact_id=ids.new(), owner_id=None, account_id=account_id, actor="",
            at=now,
        )  # fmt: skip
        found.append(_Looked(planned=each, person=made.person, keys=made.match_keys))
    return found


def _judge(each: _Looked, base: _Base, rule: DuplicatesRule) -> None:
    sharing = {contact_id for key in each.keys for contact_id in base.by_key.get(key, ())}
    judged = {
        contact_id: _compared(each.person, base.people[contact_id], base)
        for contact_id in sharing
        if contact_id in base.people
    }
    alike = {who: found for who, found in judged.items() if found.verdict != Verdict.DIFFERENT}
    same = [who for who, found in alike.items() if found.verdict is Verdict.SAME]
    earlier = [person for key in each.keys for person in base.earlier.get(key, ())]
    is_twin = any(_compared(each.person, p, base).verdict != Verdict.DIFFERENT for p in earlier)
    if rule is DuplicatesRule.UPDATE and len(same) == 1:
        each.planned.action, each.planned.contact_id = RowStatus.UPDATE, same[0]
        return
    if rule is DuplicatesRule.REFUSE and (alike or is_twin):
        each.planned.action, each.planned.reasons = RowStatus.REFUSED, [_reason(alike)]
        return
    for key in each.keys:
        base.earlier.setdefault(key, []).append(each.person)


def _compared(one: Person, other: Person, base: _Base) -> Judgement:
    return judge(one, other, weights=base.weights, around=base.around)


def _reason(alike: Mapping[UUID, Judgement]) -> str:
    """Say whom it may be, by id and evidence: no personal data."""
    if not alike:
        return "may be the person of an earlier row of the file"
    best = max(alike, key=lambda who: (alike[who].score, who))
    evidence = ", ".join(found.name for found in alike[best].evidence if found.weight > 0)
    return f"may be contact {best} ({evidence})"
