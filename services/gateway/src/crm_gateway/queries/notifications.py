"""What people were told, as far as they may see it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from crm_chassis import rights
from crm_gateway.model import Mailing

Cursor = psycopg.Cursor[Any] | psycopg.Connection[Any]
Seen = Mapping[str, Any]  # what somebody sees, and who they are: `rights.seen_of_all`
Span = tuple[datetime, datetime]  # after, until
NEWEST_OF_A_GROUP = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One notification with what it is about; the title is None where the group is not shown."""

    id: UUID
    seq: int
    kind: str
    at: datetime
    actor: str
    by: str | None
    details: Mapping[str, str]
    read_at: datetime | None
    about_kind: str
    about_id: UUID
    group_kind: str
    group_id: UUID
    title: str | None
    number: int
    unread: int
    newest: int


def keep(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep notifications; one that is kept stays as it is."""
    session.execute(text(_KEEP), rows)


def number_like(session: Session, row: Mapping[str, Any], *, since: datetime, most: int) -> int:
    """Return how many others like it there are, by the same for the same person; at most `most`."""
    values = {**row, "since": since, "most": most}
    return int(session.scalar(text(_NUMBER_LIKE), values) or 0)


def count_in(session: Session, row: Mapping[str, Any]) -> None:
    """Keep a notification that stands for many, or count one more in it; it is unread again."""
    session.execute(text(_COUNT_IN), row)


def groups(
    cursor: Cursor, seen: Seen, *, unread: bool, before: int | None, limit: int
) -> list[Line]:
    """Return the newest lines of each group of what somebody was told, the newest group first."""
    values = {"only_unread": unread, "before": before, "limit": limit, **seen}
    rows = cursor.execute(_GROUPS, {**values, "each": NEWEST_OF_A_GROUP}).fetchall()
    return [_line(row) for row in rows]


def unread(cursor: Cursor, seen: Seen) -> tuple[int, int, int]:
    """Return in how many groups there is something unread, how much, and the newest of it."""
    row = cursor.execute(_UNREAD, dict(seen)).fetchone() or (0, 0, 0)
    return int(row[0]), int(row[1]), int(row[2])


def mark(
    session: Session, user_id: UUID, *, now: datetime, group: tuple[str, UUID] | None = None,
    upto: int | None = None,
) -> int:  # fmt: skip
    """Mark a group, or everything, as read, but for what is newer than `upto`. Return how many."""
    kind, id_ = group or (None, None)
    values = {"user": user_id, "kind": kind, "id": id_, "upto": upto, "now": now}
    return _count(session.execute(text(_MARK), values))


def mark_one(session: Session, user_id: UUID, notification_id: UUID, *, now: datetime) -> bool:
    """Mark one as read; say whether it is theirs."""
    values = {"user": user_id, "id": notification_id, "now": now}
    return _count(session.execute(text(_MARK_ONE), values)) == 1


def to_mail(session: Session, mail: Mailing, span: Span) -> list[UUID]:
    """Return those for whom something of this stretch of time waits to be mailed."""
    rows = session.execute(text(_TO_MAIL), {"mail": mail, "since": span[0], "until": span[1]})
    return [row.user_id for row in rows]


def take_for_mail(
    session: Session, user_id: UUID, mail: Mailing, span: Span, *, now: datetime
) -> list[UUID]:
    """Take what waits to be mailed to somebody; nobody else takes it again."""
    values = {"user": user_id, "mail": mail, "since": span[0], "until": span[1], "now": now}
    return [row.id for row in session.execute(text(_TAKE), values)]


def lines(cursor: Cursor, seen: Seen, ids: Sequence[UUID]) -> list[Line]:
    """Return those of these notifications that may be shown, by group, the newest first."""
    return [_line(row) for row in cursor.execute(_LINES, {"ids": list(ids), **seen}).fetchall()]


def people_of_team(session: Session, team_id: UUID) -> list[UUID]:
    """Return who is in a team."""
    return list(session.scalars(text(_TEAM), {"team": team_id}))


def administrators(session: Session) -> list[UUID]:
    """Return every administrator."""
    return list(session.scalars(text(_ADMINS)))


def active(session: Session, user_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of these people who may sign in."""
    return set(session.scalars(text(_ACTIVE), {"ids": list(user_ids)}))


def team_of(session: Session, user_id: UUID) -> UUID | None:
    """Return the team somebody is in."""
    found: UUID | None = session.scalar(text(_TEAM_OF), {"id": user_id})
    return found


def body_of(session: Session, kind: str, record_id: UUID) -> dict[str, Any]:
    """Return a record as the view knows it; empty where it does not."""
    body = session.scalar(text(_BODY), {"kind": kind, "id": record_id})
    return orjson.loads(body) if body else {}


def forget(session: Session, *, read_before: datetime, before: datetime) -> int:
    """Forget what was read long ago, and what is old. Return how many."""
    values = {"read_before": read_before, "before": before}
    return _count(session.execute(text(_FORGET), values))


def _line(row: Sequence[Any]) -> Line:
    return Line(**dict(zip(Line.__slots__, row, strict=True)))


def _count(result: Any) -> int:
    return int(result.rowcount)


def _whole(statement: str, **parts: str) -> str:
    """Return a statement with its parts put in."""
    for name, part in parts.items():
        statement = statement.replace(f"@{name}", part)
    return statement


_SHOWN = _whole(
    """
with mine as (
    select n.* from notification n
    join view_record r on r.kind = n.about_kind and r.id = n.about_id and r.body is not null
    where n.user_id = %(user)s and @which and @seen
), summed as (
    select group_kind, group_id, max(seq) as newest, count(*) as number,
           count(*) filter (where read_at is null) as unread
    from mine group by 1, 2
)""",
    seen=rights.seen_by_kind("view_record", "r"),
)
_COLUMNS = """e.id, e.seq, e.kind, e.at, e.actor, u.name, e.details, e.read_at, e.about_kind,
    e.about_id, e.group_kind, e.group_id, g.title, p.number, p.unread, p.newest"""
_TITLED = _whole(
    """
left join view_record g on g.kind = p.group_kind and g.id = p.group_id and g.body is not null
    and @seen
left join "user" u on e.actor = 'user:' || u.id""",
    seen=rights.seen_by_kind("view_record", "g"),
)
_GROUPS = _whole(
    """@shown, page as (
    select * from summed where %(before)s::bigint is null or newest < %(before)s
    order by newest desc limit %(limit)s
)
select @columns from page p cross join lateral (
    select * from mine m where m.group_kind = p.group_kind and m.group_id = p.group_id
    order by seq desc limit %(each)s
) e @titled
order by p.newest desc, e.seq desc
""",
    shown=_SHOWN, columns=_COLUMNS, titled=_TITLED,
    which="n.in_console and (not %(only_unread)s::boolean or n.read_at is null)",
)  # fmt: skip
_LINES = _whole(
    """@shown
select @columns from summed p
join mine e on e.group_kind = p.group_kind and e.group_id = p.group_id @titled
order by p.newest desc, e.seq desc
""",
    shown=_SHOWN, columns=_COLUMNS, titled=_TITLED, which="n.id = any(%(ids)s::uuid[])",
)  # fmt: skip
_NEWEST_UNREAD = """n.id = any(array(
    select u.id from notification u
    where u.user_id = %(user)s and u.in_console and u.read_at is null
    order by u.seq desc limit 1000))"""
_UNREAD = _whole(
    """@shown
select count(*), coalesce(sum(unread), 0), coalesce(max(newest), 0) from summed
""",
    shown=_SHOWN, which=_NEWEST_UNREAD,
)  # fmt: skip
_KEEP = """
insert into notification (id, user_id, kind, group_kind, group_id, about_kind, about_id, actor, at,
    details, in_console, mail)
values (:id, :user_id, :kind, :group_kind, :group_id, :about_kind, :about_id, :actor, :at,
    cast(:details as jsonb), :in_console, :mail)
on conflict (id) do nothing
"""
_NUMBER_LIKE = """
select count(*) from (
    select 1 from notification
    where user_id = :user_id and kind = :kind and about_kind = :about_kind and actor = :actor
      and at >= :since and group_kind = about_kind and id <> :id
    limit :most
) alike
"""
_COUNT_IN = """
insert into notification as n (id, user_id, kind, group_kind, group_id, about_kind, about_id, actor,
    at, details, in_console, mail)
values (:id, :user_id, :kind, :group_kind, :group_id, :about_kind, :about_id, :actor, :at,
    '{"number": "1"}', :in_console, :mail)
on conflict (id) do update set
    details = jsonb_build_object('number', ((n.details ->> 'number')::int + 1)::text),
    seq = default, at = greatest(n.at, excluded.at), about_id = excluded.about_id, read_at = null
"""
_MARK = """
update notification set read_at = :now
where user_id = :user and read_at is null
  and (cast(:kind as text) is null or (group_kind = :kind and group_id = cast(:id as uuid)))
  and (cast(:upto as bigint) is null or seq <= :upto)
"""
_MARK_ONE = """
update notification set read_at = coalesce(read_at, :now) where user_id = :user and id = :id
"""
_TO_MAIL = """
select distinct user_id from notification
where mail = :mail and at > :since and at <= :until and mailed_at is null and read_at is null and mail <> 'no'
"""
_TAKE = """
update notification set mailed_at = :now
where user_id = :user and mail = :mail and at > :since and at <= :until and mailed_at is null
  and read_at is null and mail <> 'no'
returning id
"""
_TEAM = 'select id from "user" where team_id = :team'
_TEAM_OF = 'select team_id from "user" where id = :id'
_ADMINS = """select id from "user" where 'admin' = any(roles)"""
_ACTIVE = 'select id from "user" where id = any(:ids) and active and archived_at is null'
_BODY = "select body from view_record where kind = :kind and id = :id"
_FORGET = """
delete from notification where at < :before or (read_at is not null and read_at < :read_before)
"""
