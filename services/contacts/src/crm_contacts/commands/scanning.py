"""Looking for duplicates among all contacts, in steps."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import db, outbox
from crm_contacts.commands import duplicates
from crm_contacts.events import recognition as events
from crm_contacts.model import recognition
from crm_contacts.model.job import Job, Progress
from crm_contacts.queries import matching
from crm_matching import judge
from crm_matching.glance import Glance
from crm_matching.keys import LARGEST_BLOCK
from crm_matching.rules import Verdict

WORK = "duplicate scan"
BLOCKS_AT_ONCE, PAIRS_AT_ONCE = 5_000, 50_000
Pair = tuple[UUID, UUID]  # the smaller id first


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanContacts:
    """Compare all contacts with one another, for somebody."""

    owner_id: UUID | None = None


def scan_contacts(session: Session, command: ScanContacts, *, now: datetime) -> Job:
    """Ask for a scan."""
    job = Job(work=WORK, owner_id=command.owner_id)
    outbox.add(session, events.job_created, job, at=now)
    return job


def scan_newcomers(session: Session, *, now: datetime) -> None:
    """Ask for a scan if anybody came in since the last: batches are not compared at the door."""
    if matching.has_newcomers(session, work=WORK):
        scan_contacts(session, ScanContacts(), now=now)


def begin_scan(session: Session, progress: Progress) -> None:
    """Note which contacts share a key that at most 50 have: one statement over the base.

    Groups of the same members are noted once: who shares one key often shares several. The whole
    name is a key here, for those whose name's sound too many share. Keys of more are skipped, and
    the result says how many.
    """
    cursor = db.cursor(session)
    cursor.execute("set local statement_timeout = '30min'")
    cursor.execute("set local work_mem = '256MB'")
    values = {"job": progress.job_id, "most": LARGEST_BLOCK}
    noted, skipped = cursor.execute(_NOTE_BLOCKS, values).fetchone() or (0, 0)
    progress.total = noted
    progress.state = {"after": 0, "suspected": 0, "compared": 0, "judged": 0, "skipped": skipped}


def continue_scan(session: Session, progress: Progress, *, now: datetime) -> None:
    """Judge the pairs of the next groups; after the last, have a result."""
    state = progress.state
    found = matching.blocks(session, progress.job_id, after=state["after"], limit=BLOCKS_AT_ONCE)
    blocks = _bearable(found)
    if not blocks:
        db.cursor(session).execute("delete from scan_key where job_id = %s", (progress.job_id,))
        progress.result = _result(state)
        return
    promising = _promising(session, [members for _, members in blocks])
    suspected = _judge(session, promising, now=now)
    progress.done += len(blocks)
    progress.state = {
        **state,
        "after": blocks[-1][0],
        "suspected": state["suspected"] + suspected,
        "compared": state["compared"] + sum(_pairs(members) for _, members in blocks),
        "judged": state.get("judged", 0) + len(promising),
    }


def _result(state: Mapping[str, int]) -> dict[str, Any]:
    """What a scan found; keys it left out are told with the reason."""
    skipped = {
        "keys": state.get("skipped", 0),
        "reason": f"shared by more than {LARGEST_BLOCK} contacts",
    }
    return {
        **{name: state.get(name, 0) for name in ("suspected", "compared", "judged")},
        "skipped": skipped,
    }


def _bearable(blocks: Sequence[tuple[int, list[UUID]]]) -> Sequence[tuple[int, list[UUID]]]:
    """Return the first of these groups, one at least, of no more pairs than a step should judge."""
    pairs = 0
    for number, (_, members) in enumerate(blocks):
        pairs += _pairs(members)
        if number and pairs > PAIRS_AT_ONCE:
            return blocks[:number]
    return blocks


def _pairs(members: Sequence[UUID]) -> int:
    return len(members) * (len(members) - 1) // 2


def _promising(session: Session, groups: Collection[Sequence[UUID]]) -> set[Pair]:
    """The pairs that at a glance may be worth a review; few of those who share a key are."""
    glance = Glance(matching.policy(session).effective)
    seen = matching.outlines(session, {contact_id for members in groups for contact_id in members})
    return {
        (one, other)
        for members in groups
        for (one, first), (other, second) in combinations(
            [(each, seen[each]) for each in members if each in seen], 2
        )
        if glance.is_promising(first, second)
    }


def _judge(session: Session, pairs: Collection[Pair], *, now: datetime) -> int:
    if not pairs:
        return 0
    rule = matching.policy(session)
    people = matching.people(session, {contact_id for pair in pairs for contact_id in pair})
    around = matching.surroundings(session, people)
    weights = rule.effective
    judged = {
        (one, other): judge(people[one], people[other], weights=weights, around=around)
        for one, other in pairs
        if one in people and other in people
    }
    alike = {pair: found for pair, found in judged.items() if found.verdict != Verdict.DIFFERENT}
    known = matching.duplicates_of_pairs(session, alike)
    return sum(
        duplicates.suspect(
            session,
            known,
            pair,
            found,
            digest=recognition.digest(people[pair[0]], people[pair[1]]),
            now=now,
        )
        for pair, found in sorted(alike.items(), key=lambda each: each[0])
    )


_NOTE_BLOCKS = """
with keyed as materialized (
    select case when count(*) <= %(most)s then array_agg(id order by id) end as ids
    from contact cross join lateral unnest(match_keys || ('s:' || sort_name)) as k(key)
    where archived_at is null and merged_into_id is null
    group by key having count(*) > 1
), noted as (
    insert into scan_key (job_id, contact_ids)
    select distinct %(job)s::uuid, ids from keyed where ids is not null
    returning 1
)
select (select count(*) from noted), (select count(*) from keyed where ids is null)
"""
