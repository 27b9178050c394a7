"""Trying a rule on a large base, as long work."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from crm_chassis import db, outbox
from crm_chassis.problems import Invalid
from crm_contacts.commands.rules import built
from crm_contacts.events import recognition as events
from crm_contacts.model.field import Held
from crm_contacts.model.job import Job, Progress
from crm_contacts.model.judging import Rule, read_rule
from crm_contacts.model.rule import ValidationRule
from crm_contacts.model.rulebook import Part
from crm_contacts.queries import trials
from crm_contacts.queries.rulebook import rulebook
from crm_fields import conditions
from crm_fields.kinds import PAST

WORK = "rule trial"
LARGEST_AT_ONCE = 200_000  # records; more are counted in the background


def readable(session: Session, fields: Mapping[str, Any]) -> tuple[Part, Rule]:
    """Return what a rule speaks of, and the rule. Raises Invalid where it cannot be tried."""
    rule = built(session, ValidationRule, fields)
    assert isinstance(rule, ValidationRule)  # noqa: S101 - mypy's proof
    part = rulebook(session).of[rule.object]
    read = read_rule(rule, part.specs)
    if read.when is not None and any(each.op in PAST for each in conditions(read.when)):
        raise Invalid({"when": ["What changed cannot be told of what is there."]})
    return part, read


@dataclass(frozen=True, slots=True, kw_only=True)
class TryRule:
    """Try a rule in the background; `fields` as the API has them."""

    fields: Mapping[str, Any]
    owner_id: UUID | None = None


def try_rule(session: Session, command: TryRule, *, now: datetime) -> Job:
    """Ask for a trial. Raises Invalid."""
    readable(session, command.fields)
    state = {"rule": orjson.loads(orjson.dumps(dict(command.fields)))}
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
    progress.result = trials.tried(session, part, rule, now=now).told
    progress.done = 1
