"""Trying a rule on a large base, as long work."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from crm_chassis import db, outbox
from crm_chassis.auth import Principal
from crm_chassis.problems import Invalid
from crm_contacts.commands.importing.planned import acting
from crm_contacts.commands.rules import built
from crm_contacts.events import recognition as events
from crm_contacts.model.job import Job, Progress
from crm_contacts.model.rule import ValidationRule
from crm_contacts.model.rulebook import Part, understood
from crm_contacts.queries.asking import RECORDS
from crm_contacts.queries.rulebook import rulebook
from crm_fields.holding import trials
from crm_fields.judging import Rule
from crm_fields.objects import Held

WORK = "rule trial"
LARGEST_AT_ONCE = 200_000  # records; more are counted in the background


def readable(session: Session, fields: Mapping[str, Any]) -> tuple[Part, Rule]:
    """Return what a rule speaks of, and the rule. Raises Invalid where it cannot be tried."""
    rule = built(session, ValidationRule, fields)
    assert isinstance(rule, ValidationRule)  # noqa: S101 - mypy's proof
    if rule.object not in RECORDS:
        raise Invalid({"object": [f"Others keep these: POST /v1/{rule.object}s/dry-run tries it."]})
    part = rulebook(session).of[rule.object]
    read = understood(rule, part.specs)
    trials.refuse_past(read)
    return part, read


def is_large(session: Session, part: Part) -> bool:
    """Say whether there are too many records to count while somebody waits."""
    limit = LARGEST_AT_ONCE + 1
    return trials.size(session, RECORDS[part.held], up_to=limit) >= limit


def tried(
    session: Session, part: Part, rule: Rule, who: Principal, *, now: datetime
) -> trials.Trial:
    """Try a rule on what is there and seen by `who`. Raises Forbidden."""
    return trials.tried(session, part, RECORDS[part.held], rule, who, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class TryRule:
    """Try a rule in the background, in the name of whoever asks; `fields` as the API has them."""

    fields: Mapping[str, Any]
    acting: Mapping[str, Any] = field(repr=False)
    owner_id: UUID | None = None


def try_rule(session: Session, command: TryRule, *, now: datetime) -> Job:
    """Ask for a trial. Raises Invalid."""
    readable(session, command.fields)
    rule = orjson.loads(orjson.dumps(dict(command.fields)))
    state = {"rule": rule, "acting": dict(command.acting)}
    job = Job(work=WORK, owner_id=command.owner_id, state=state)
    outbox.add(session, events.job_created, job, at=now)
    return job


def begin(session: Session, progress: Progress) -> None:
    """There is one step."""
    del session
    progress.total = 1


def carry_on(session: Session, progress: Progress, *, now: datetime) -> None:
    """Count it all."""
    fields = progress.state["rule"]
    part, rule = readable(session, {**fields, "object": Held(fields["object"])})
    db.cursor(session).execute("set local statement_timeout = '30min'")
    progress.result = tried(session, part, rule, acting(progress.state["acting"]), now=now).told
    progress.done = 1
