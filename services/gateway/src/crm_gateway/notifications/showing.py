"""Notifications in words, as somebody may see them: by what they are about, with where to look."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from crm_chassis import rights
from crm_chassis.auth import Principal
from crm_gateway.model import News
from crm_gateway.queries import notifications as queries
from crm_gateway.queries.notifications import Cursor, Line

_NAMES = frozenset({"name", "first_name", "last_name", "subject", "title"})
_TOLD_FIELDS = {"due_at": "due_at", "reason": "conversion_refused_reason"}
_METRICS = {
    "first_response": "nobody answered in time", "next_response": "nobody answered again in time",
    "periodic_update": "the customer heard nothing in time",
    "resolution": "it was not resolved in time",
}  # fmt: skip
_TEXTS = {
    News.MENTIONED: "{by} mentioned you in a note", News.ASSIGNED: "{by} gave you this {what}",
    News.REMINDED: "{reminder}", News.REPLIED: "The customer wrote again",
    News.BREACHED: "Late: {promise}", News.WON: "{by} won this deal",
    News.REFUSED: "The lead was not converted{because}", News.STOPPED: "It stopped{because}",
}  # fmt: skip
_PATHS = {
    "contacts": "/contacts?owner_id=me", "accounts": "/accounts?owner_id=me",
    "deals": "/deals", "leads": "/leads?owner=me", "tickets": "/tickets?assignee=me",
    "tasks": "/tasks", "contact": "/customers/{}", "account": "/customers/{}", "deal": "/deals/{}",
    "lead": "/leads/{}", "ticket": "/tickets/{}", "task": "/tasks/{}", "import": "/imports/{}",
    "export": "/exports/{}", "merge": "/merges/{}", "webhook": "/settings/webhooks/{}",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that somebody was told."""

    id: UUID
    kind: str
    text: str
    at: Any
    actor: str
    about_kind: str
    about_id: UUID
    read_at: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What somebody was told about one record: the newest of it, how much, how much unread.

    `upto` is the newest, in the order of telling.
    """

    kind: str
    id: UUID
    title: str
    path: str | None
    number: int
    unread: int
    upto: int
    items: tuple[Item, ...]


def groups_of(
    cursor: Cursor, who: Principal, *, unread: bool, before: int | None, limit: int
) -> tuple[list[Group], int | None]:
    """Return a page of what somebody was told, and behind what the next one begins."""
    seen = rights.seen_of_all(who)
    lines = queries.groups(cursor, seen, unread=unread, before=before, limit=limit + 1)
    found = grouped(lines, who)
    return found[:limit], found[limit - 1].upto if len(found) > limit else None


def unread_of(cursor: Cursor, who: Principal) -> tuple[int, int, int]:
    """Return in how many groups something is unread, how much, and the newest of it."""
    return queries.unread(cursor, rights.seen_of_all(who))


def path_of(kind: str, record_id: UUID) -> str | None:
    """Return the console's page of a record, None where it has none."""
    path = _PATHS.get(kind)
    return path.format(record_id) if path else None


def grouped(lines: Iterable[Line], who: Principal) -> list[Group]:
    """Return lines, which are in order of their groups, as these."""
    return [
        _group(list(of_one), who)
        for _, of_one in groupby(lines, key=lambda line: (line.group_kind, line.group_id))
    ]


def _group(lines: Sequence[Line], who: Principal) -> Group:
    first = lines[0]
    is_named = not who.rights.hidden(first.group_kind) & _NAMES
    return Group(
        kind=first.group_kind, id=first.group_id, number=first.number, unread=first.unread,
        title=(first.title if is_named else None) or _untitled(first), upto=first.newest,
        path=path_of(first.group_kind, first.group_id),
        items=tuple(_item(line, who) for line in lines),
    )  # fmt: skip


def _item(line: Line, who: Principal) -> Item:
    hidden = who.rights.hidden(line.about_kind)
    told = {
        name: value for name, value in line.details.items() if _TOLD_FIELDS.get(name) not in hidden
    }
    return Item(
        id=line.id, kind=line.kind, text=_text(line, told), at=line.at, actor=line.actor,
        about_kind=line.about_kind, about_id=line.about_id, read_at=line.read_at,
    )  # fmt: skip


def _untitled(line: Line) -> str:
    return line.details.get("name") or line.group_kind.replace("_", " ").capitalize()


def _text(line: Line, told: dict[str, str]) -> str:
    if line.kind == News.FINISHED:
        return _finished(told)
    if "number" in told:
        return _many(line, told["number"])
    reason = told.get("reason", "").replace("_", " ")
    words = {
        "by": line.by or _automatic(line.actor),
        "what": line.about_kind.replace("_", " "),
        "because": f": {reason}" if reason else "",
        "promise": _METRICS.get(told.get("metric", ""), "a promise was not kept"),
        "reminder": "This is overdue" if told.get("overdue") else "You wanted to be reminded",
    }
    return _TEXTS[News(line.kind)].format_map(words)


def _many(line: Line, number: str) -> str:
    what = f"another {line.about_kind}" if number == "1" else f"{number} more {line.group_kind}"
    return f"{line.by or _automatic(line.actor)} gave you {what}"


def _finished(told: dict[str, str]) -> str:
    if told.get("work") in {"merge", "undoing"}:
        return "The merge is done everywhere" if told["work"] == "merge" else "The merge is undone"
    work = told.get("work", "work").replace("_", " ").capitalize()
    return f"{work} failed" if told.get("failed") else f"{work} is done"


def _automatic(actor: str) -> str:
    kind, _, name = actor.partition(":")
    return f"{name.capitalize()} (automatic)" if kind == "service" else "Somebody"
