"""Meeting a person twice: at the door, and in the queue."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import db, outbox
from crm_contacts.commands.changing import expect
from crm_contacts.events import recognition as events
from crm_contacts.model import recognition
from crm_contacts.model.contact import Contact
from crm_contacts.model.duplicate import (
    Duplicate,
    DuplicatePolicy,
    DuplicateRule,
    DuplicateStatus,
)
from crm_contacts.model.errors import DuplicateDecided, DuplicateSuspected
from crm_contacts.queries import matching, records
from crm_matching import Judgement, Person, judge
from crm_matching.rules import Surroundings, Verdict

MOST_CANDIDATES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A contact that somebody may be, and why."""

    contact_id: UUID
    person: Person
    judgement: Judgement

    @property
    def told(self) -> dict[str, Any]:
        """For a problem's body: no personal data."""
        evidence = [{"name": each.name, "weight": each.weight} for each in self.judgement.evidence]
        return {
            "contact_id": str(self.contact_id),
            "score": self.judgement.score,
            "verdict": self.judgement.verdict.value,
            "evidence": evidence,
        }


def look_out(
    session: Session,
    contact: Contact,
    *,
    now: datetime,
    may_block: bool = True,
    may_queue: bool = True,
) -> list[Candidate]:
    """Do what the policy says about contacts that this one may be; return them, best first.

    Call it after the contact's change and before its flush. Raises DuplicateSuspected where the
    rule is to block (a contact that is there already is never blocked); otherwise the pairs go on
    the queue.
    """
    rule = matching.policy(session)
    blocks = may_block and rule.rule is DuplicateRule.BLOCK
    if rule.rule is DuplicateRule.IGNORE or not (blocks or may_queue):
        return []
    person, is_new = contact.person, contact.version == 0
    found = candidates(session, person, contact.match_keys, rule, but=[contact.id], is_new=is_new)
    if found and blocks:
        raise DuplicateSuspected([each.told for each in found[:MOST_CANDIDATES]])
    pairs = {_pair(contact.id, each.contact_id): each for each in found}
    known = matching.duplicates_of_pairs(session, pairs)
    for pair, each in pairs.items():
        digest = recognition.digest(person, each.person)
        suspect(session, known, pair, each.judgement, digest=digest, now=now)
    return found


def candidates(
    session: Session,
    person: Person,
    keys: Sequence[str],
    rule: DuplicatePolicy,
    *,
    but: Sequence[UUID] = (),
    is_new: bool = True,
) -> list[Candidate]:
    """Live contacts that a person may be, best first; `is_new`: the base does not hold them yet."""
    others, around = matching.sharing_a_key(session, keys, but=but)
    if not others:
        return []
    if is_new:
        around = _with_newcomer(around, person)
    found = [
        Candidate(contact_id=contact_id, person=other, judgement=judged)
        for contact_id, other in others.items()
        if (judged := judge(person, other, weights=rule.effective, around=around)).verdict
        is not Verdict.DIFFERENT
    ]
    return sorted(found, key=lambda each: (-each.judgement.score, each.contact_id))


def suspect(
    session: Session,
    known: Mapping[tuple[UUID, UUID], Duplicate],
    pair: tuple[UUID, UUID],
    judgement: Judgement,
    *,
    digest: str,
    now: datetime,
) -> bool:
    """Put a pair on the queue, unless it was decided and nothing compared has changed."""
    duplicate = known.get(pair) or Duplicate.of(*pair)
    is_queued = duplicate.digest == digest
    if not duplicate.suspect(judgement, digest=digest):
        return False
    told = events.duplicate_updated if is_queued else events.duplicate_suspected
    outbox.add(session, told, duplicate, at=now)
    return not is_queued


def pairs_of(contact_ids: Iterable[UUID]) -> list[tuple[UUID, UUID]]:
    """Every two of these, the smaller id first."""
    ordered = sorted(contact_ids)
    return [(one, other) for n, one in enumerate(ordered) for other in ordered[n + 1 :]]


def _pair(one: UUID, other: UUID) -> tuple[UUID, UUID]:
    return (one, other) if one < other else (other, one)


def _with_newcomer(around: Surroundings, person: Person) -> Surroundings:
    """Count the one who comes in among those of the name."""
    names = dict(around.names)
    if person.name_key in names:
        names[person.name_key] += 1
    return Surroundings(names=names, phones=around.phones)


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissDuplicate:
    """Say that two contacts are two people."""

    duplicate_id: UUID
    expected_version: int | None


def dismiss_duplicate(session: Session, command: DismissDuplicate, *, now: datetime) -> Duplicate:
    """Take a pair off the queue once. Raises NotFound, StaleVersion, DuplicateDecided."""
    duplicate = records.for_update(session, Duplicate, command.duplicate_id)
    if duplicate.status is DuplicateStatus.DISMISSED:
        return duplicate
    expect(duplicate, command.expected_version)
    if duplicate.status is DuplicateStatus.MERGED:
        raise DuplicateDecided(duplicate.id)
    by = db.context_of(session).actor
    duplicate.decide(DuplicateStatus.DISMISSED, by=by, at=now)
    outbox.add(session, events.duplicate_dismissed, duplicate, at=now)
    return duplicate
