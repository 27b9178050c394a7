"""Renaming tags, and making several one, on every record that has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import db, outbox
from crm_chassis.problems import Invalid
from crm_contacts import events
from crm_contacts.events import recognition
from crm_contacts.model.account import Account
from crm_contacts.model.contact import Contact
from crm_contacts.model.errors import TagsBusy
from crm_contacts.model.job import Job, Progress
from crm_contacts.queries import tags as queries

WORK = "tag renaming"
AT_ONCE = 500
FOLDED_AT_ONCE = 200
_KINDS: Mapping[str, tuple[type[Contact] | type[Account], outbox.Factory]] = {
    "contact": (Contact, events.contact_updated),
    "account": (Account, events.account_updated),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameTags:
    """Have `new` in the place of each of the old ones, or nothing."""

    kind: str
    old: Sequence[str]
    new: str | None
    owner_id: UUID | None


def rename_tags(session: Session, command: RenameTags, *, now: datetime) -> Job:
    """Ask for it; one such work at a time. Raises Invalid, TagsBusy."""
    old = [tag for tag in dict.fromkeys(command.old) if tag != command.new]
    if not old:
        raise Invalid({"old": ["called so already"]})
    if queries.is_renaming(session, WORK):
        raise TagsBusy
    state = {"kind": command.kind, "old": old, "new": command.new}
    job = Job(work=WORK, owner_id=command.owner_id, state=state)
    outbox.add(session, recognition.job_created, job, at=now)
    return job


def fold_counts(session: Session, *, now: datetime) -> int:
    """Make one of the rows in which changes of a tag's count stand; return how many rows are left of them."""
    del now
    return db.cursor(session).execute(_FOLD, (FOLDED_AT_ONCE,)).rowcount


def begin(session: Session, progress: Progress) -> None:
    """Count what has one of the tags."""
    kind, _ = _KINDS[progress.state["kind"]]
    progress.total = queries.count(session, kind, progress.state["old"])
    progress.state = {**progress.state, "changed": 0}


def carry_on(session: Session, progress: Progress, *, now: datetime) -> None:
    """Change the next records; when none has an old tag any more, have a result."""
    state = progress.state
    kind, told = _KINDS[state["kind"]]
    old, new = set(state["old"]), state["new"]
    found = queries.having(session, kind, state["old"], limit=AT_ONCE)
    if not found:
        progress.result = {"changed": state["changed"]}
        return
    for each in found:
        renamed = (new if tag in old else tag for tag in each.tags)
        each.tags = list(dict.fromkeys(tag for tag in renamed if tag))
        outbox.add(session, told, each, at=now)
    progress.done += len(found)
    progress.state = {**state, "changed": state["changed"] + len(found)}


# What is counted meanwhile stands in rows that this does not see.
_FOLD = """
with scattered as (
    select kind, tag from tag_count group by kind, tag, visibility, owner_id, team_id
    having count(*) > 1 limit %s
), gone as (
    delete from tag_count t using (select distinct kind, tag from scattered) s
    where t.kind = s.kind and t.tag = s.tag returning t.*
)
insert into tag_count (kind, tag, visibility, owner_id, team_id, number)
select kind, tag, visibility, owner_id, team_id, sum(number) from gone
group by kind, tag, visibility, owner_id, team_id having sum(number) <> 0
"""
