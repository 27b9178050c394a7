"""Reading what accounts are part of."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import db, rights
from crm_chassis.auth import Principal


def hold(session: Session) -> None:
    """Let nobody else change what accounts are part of: two such changes could close a ring.

    Call it before any account is locked, for the database looks at the parent's row too.
    """
    db.cursor(session).execute(_HOLD)


def tree(session: Session, account_id: UUID, who: Principal, *, limit: int) -> list[dict[str, Any]]:
    """The live accounts of the whole that one is part of, parents before parts, parts by name.

    An account that is not shown to `who` is left out with all its parts, but never the way up to
    the one asked for.
    """
    values = {
        "id": account_id, "limit": limit, **rights.seen(who, "account"),
    }  # fmt: skip
    rows = db.cursor(session).execute(_TREE, values).fetchall()
    names = ("id", "name", "lifecycle", "parent_id", "depth")
    return [dict(zip(names, row, strict=True)) for row in rows]


_HOLD = "select pg_advisory_xact_lock(hashtextextended('account hierarchy', 0))"
# `union` and not `union all`: ends even where two changes at once have made a ring.
_TREE = """
with recursive above as (
    select id, parent_id from account where id = %(id)s
    union
    select a.id, a.parent_id from account a join above on a.id = above.parent_id
    where a.archived_at is null and @seen
), whole as (
    select id from above
    where parent_id is null or parent_id not in (select id from above) limit 1
), below as (
    select a.id, a.name, a.lifecycle, a.parent_id, 0 as depth, array[a.sort_name, a.id::text] as way,
           array[a.id] as path
    from account a join whole on a.id = whole.id
    union all
    select a.id, a.name, a.lifecycle, a.parent_id, b.depth + 1,
           b.way || array[a.sort_name, a.id::text], b.path || a.id
    from account a join below b on a.parent_id = b.id
    where a.archived_at is null and not a.id = any(b.path) and b.depth < 50 and @seen
)
select id, name, lifecycle, parent_id, depth from below order by way limit %(limit)s
""".replace("@seen", rights.SEEN.replace("@r.", "a."))
