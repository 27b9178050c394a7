"""Reading tags: which there are, how often, and who has them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from crm_chassis import db
from crm_chassis.auth import Principal
from crm_contacts.model.account import Account
from crm_contacts.model.contact import Contact

Tagged = type[Contact] | type[Account]


def counted(
    session: Session, who: Principal, *, kind: str, begin: str, after: str, limit: int
) -> list[dict[str, Any]]:
    """Up to `limit` tags of live records that `who` may see, behind `after`, by name."""
    values: Mapping[str, Any] = {
        "begin": begin.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%",
        "kind": kind, "after": after, "limit": limit, "admin": who.is_admin, "user": who.user_id,
        "teams": list(who.team_ids),
    }  # fmt: skip
    rows = db.cursor(session).execute(_COUNTED, values).fetchall()
    return [{"object": kind, "name": name, "count": count} for name, count in rows]


def count(session: Session, kind: Tagged, tags: Sequence[str]) -> int:
    """How many records have one of these tags."""
    return session.scalar(select(func.count()).where(_has(kind, tags))) or 0


def having(session: Session, kind: Tagged, tags: Sequence[str], *, limit: int) -> Sequence[Any]:
    """Records that have one of these tags, locked in order of id."""
    statement = select(kind).where(_has(kind, tags)).order_by(kind.id).limit(limit)
    return session.scalars(statement.with_for_update()).all()


def is_renaming(session: Session, work: str) -> bool:
    """Whether tags are being renamed; whoever asks next waits until this transaction ends."""
    session.execute(text("select pg_advisory_xact_lock(hashtextextended('tag renaming', 0))"))
    return db.cursor(session).execute(_RENAMING, (work,)).fetchone() is not None


def _has(kind: Tagged, tags: Sequence[str]) -> Any:
    return kind.tags.op("&&")(list(tags))


_COUNTED = """
select tag, sum(number)::bigint from tag_count r
where kind = %(kind)s and tag > %(after)s and tag like %(begin)s
  and (%(admin)s or r.visibility = 'all' or r.owner_id = %(user)s
       or (r.visibility = 'team' and r.team_id = any(%(teams)s::uuid[])))
group by tag having sum(number) > 0 order by tag limit %(limit)s
"""
_RENAMING = "select 1 from job where work = %s and status in ('queued', 'running') limit 1"
