"""What facts mean for people: who is told what, once per fact; never what they did themselves."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from crm_chassis import ids
from crm_contracts import Fact
from crm_gateway.model import News, Preference
from crm_gateway.model.notification import KEPT
from crm_gateway.notifications import many
from crm_gateway.queries import notifications as queries
from crm_gateway.queries import wishes

Ref = tuple[str, UUID]  # a record: kind and id
_PLACES = frozenset({"contact", "account", "deal", "lead", "ticket", "task"})
_STILL_FOLLOWING = frozenset({"merging", "undoing"})
_TOLD_OTHERWISE = ("import", "export")  # jobs whose record tells more than the job


@dataclass(frozen=True, slots=True, kw_only=True)
class Tidings:
    """Who is told what; `about` is what they must see, `group` what it is shown under.

    `once` says what makes it the same again, by default the fact. `to_doer`: also to whoever did it.
    """

    news: News
    people: tuple[UUID | None, ...]
    about: Ref
    group: Ref | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    once: str | None = None
    to_doer: bool = False


def tell(session: Session, fact: Fact[Any], *, now: datetime) -> None:
    """Keep what a fact means for people, as they want to be told; what is old is no news."""
    if fact.time < now - KEPT:
        return
    made = RULES[fact.type.rpartition(".v")[0]](session, fact)
    if made is None:
        return
    people = queries.active(session, _told(made, fact))
    wanted = wishes.preferences(session, people)
    rows = [_row(made, fact, each, wanted.get(each)) for each in sorted(people)]
    shown = [row for row in rows if row["in_console"] or row["mail"] != "no"]
    if made.news is News.ASSIGNED:
        for row in shown:
            many.keep(session, row)
    elif shown:
        queries.keep(session, shown)


def _told(made: Tidings, fact: Fact[Any]) -> set[UUID]:
    unwanted = None if made.to_doer else _doer(fact)
    return {each for each in made.people if each is not None and each != unwanted}


def _row(made: Tidings, fact: Fact[Any], user_id: UUID, wish: Preference | None) -> dict[str, Any]:
    channels = (wish or Preference()).channels(made.news)
    group = made.group or made.about
    return {
        "id": ids.derived("notification", user_id, made.once or fact.id), "user_id": user_id,
        "kind": made.news, "group_kind": group[0], "group_id": group[1],
        "about_kind": made.about[0], "about_id": made.about[1], "actor": _named(fact),
        "at": fact.time, "details": orjson.dumps(made.details).decode(),
        "in_console": channels.console, "mail": channels.mail,
    }  # fmt: skip


def _doer(fact: Fact[Any]) -> UUID | None:
    """Return the person who did it, by hand or by a key of theirs."""
    who = fact.on_behalf_of if fact.actor.startswith("key:") else fact.actor
    return _person(who)


def _named(fact: Fact[Any]) -> str:
    doer = _doer(fact)
    return f"user:{doer}" if doer else fact.actor


def _person(actor: str | None) -> UUID | None:
    kind, _, rest = (actor or "").partition(":")
    return UUID(rest) if kind == "user" else None


def _of(fact: Fact[Any]) -> Ref:
    return fact.record.kind, fact.subject


def _mentioned(_: Session, fact: Fact[Any]) -> Tidings | None:
    note = fact.record
    places = ((each.type, each.id) for each in note.subjects if each.type in _PLACES)
    return Tidings(
        news=News.MENTIONED, people=note.mentions, about=_of(fact), once=f"mentioned {note.id}",
        group=next(places, None),
    )  # fmt: skip


def _assigned(field_name: str) -> Callable[[Session, Fact[Any]], Tidings | None]:
    """Return the rule of records that are given to somebody by a field."""

    def rule(_: Session, fact: Fact[Any]) -> Tidings | None:
        is_new = fact.subject_version == 1 or field_name in fact.changed
        people = (getattr(fact.record, field_name),) if is_new else ()
        return Tidings(news=News.ASSIGNED, people=people, about=_of(fact))

    return rule


def _reminded(_: Session, fact: Fact[Any]) -> Tidings | None:
    task = fact.record
    return Tidings(
        news=News.REMINDED, people=(task.assignee_id, *task.collaborator_ids), about=_of(fact),
        details={"due_at": task.due_at.isoformat() if task.due_at else "",
                 "overdue": "yes" if fact.type.startswith("contacts.task.overdue") else ""},
    )  # fmt: skip


def _replied(_: Session, fact: Fact[Any]) -> Tidings | None:
    ticket = fact.record
    return Tidings(
        news=News.REPLIED, people=(ticket.assignee_id or ticket.owner_id,), about=_of(fact)
    )


def _breached(session: Session, fact: Fact[Any]) -> Tidings | None:
    ticket = queries.body_of(session, "ticket", fact.record.ticket_id)
    named = ticket.get("assignee_id") or ticket.get("owner_id")
    people: Iterable[UUID] = [UUID(named)] if named else []
    if not people and ticket.get("team_id"):
        people = queries.people_of_team(session, UUID(ticket["team_id"]))
    return Tidings(
        news=News.BREACHED, people=tuple(people), about=("ticket", fact.record.ticket_id),
        details={"metric": fact.record.metric},
    )  # fmt: skip


def _won(session: Session, fact: Fact[Any]) -> Tidings | None:
    deal = fact.record
    team_id = deal.team_id or (queries.team_of(session, deal.owner_id) if deal.owner_id else None)
    mates = queries.people_of_team(session, team_id) if team_id else []
    return Tidings(news=News.WON, people=(deal.owner_id, *mates), about=_of(fact))


def _finished(_: Session, fact: Fact[Any]) -> Tidings | None:
    record = fact.record
    work = getattr(record, "work", "")
    if work.startswith(_TOLD_OTHERWISE):
        return None
    is_failed = ".failed." in fact.type or getattr(record, "status", "") == "failed"
    return Tidings(
        news=News.FINISHED, people=(record.owner_id or _person(record.created_by),),
        about=_of(fact), to_doer=True,
        details={"work": work or record.kind, "failed": "yes" if is_failed else "",
                 "name": getattr(record, "file_name", "")},
    )  # fmt: skip


def _merged(_: Session, fact: Fact[Any]) -> Tidings | None:
    merge = fact.record
    if merge.awaited or merge.status in _STILL_FOLLOWING:
        return None
    return Tidings(
        news=News.FINISHED, people=(_person(merge.created_by),), about=_of(fact), to_doer=True,
        group=(merge.subject_type, merge.survivor_id), once=f"{merge.status} {merge.id}",
        details={"work": "merge" if merge.status == "merged" else "undoing"},
    )  # fmt: skip


def _refused(_: Session, fact: Fact[Any]) -> Tidings | None:
    return Tidings(
        news=News.REFUSED, people=(fact.record.owner_id, _person(fact.on_behalf_of)),
        about=_of(fact), to_doer=True,
        details={"reason": fact.record.conversion_refused_reason or ""},
    )  # fmt: skip


def _stopped(session: Session, fact: Fact[Any]) -> Tidings | None:
    webhook = fact.record
    if webhook.active or not webhook.paused_reason or "active" not in fact.changed:
        return None
    owners = queries.active(session, [webhook.owner_id] if webhook.owner_id else [])
    people = owners or queries.administrators(session)
    return Tidings(
        news=News.STOPPED, people=tuple(people), about=_of(fact),
        details={"reason": webhook.paused_reason},
    )  # fmt: skip


RULES: Mapping[str, Callable[[Session, Fact[Any]], Tidings | None]] = {
    "contacts.contact.assigned": _assigned("owner_id"),
    "contacts.contact.lifecycle_changed": _assigned("owner_id"),
    "contacts.account.assigned": _assigned("owner_id"),
    "contacts.account.lifecycle_changed": _assigned("owner_id"),
    "contacts.note.added": _mentioned,
    "contacts.note.updated": _mentioned,
    "contacts.task.created": _assigned("assignee_id"),
    "contacts.task.assigned": _assigned("assignee_id"),
    "contacts.task.reminded": _reminded,
    "contacts.task.overdue": _reminded,
    "contacts.import.completed": _finished,
    "contacts.import.failed": _finished,
    "contacts.export.completed": _finished,
    "contacts.export.failed": _finished,
    "contacts.job.finished": _finished,
    "contacts.merge.updated": _merged,
    "sales.deal.created": _assigned("owner_id"),
    "sales.deal.updated": _assigned("owner_id"),
    "sales.deal.won": _won,
    "sales.lead.captured": _assigned("owner_id"),
    "sales.lead.assigned": _assigned("owner_id"),
    "sales.lead.conversion_refused": _refused,
    "support.ticket.opened": _assigned("assignee_id"),
    "support.ticket.assigned": _assigned("assignee_id"),
    "support.ticket.customer_replied": _replied,
    "support.sla.breached": _breached,
    "gateway.webhook.updated": _stopped,
}
