"""Reading people for a file, a page at a time."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, column, func, table
from sqlalchemy.orm import Session

from crm_chassis import db
from crm_contacts.model.contact import Contact
from crm_contacts.queries import lists

_RECORD = table("record", column("kind"), column("id", Uuid), column("body"))


def bodies(
    session: Session,
    filters: Mapping[str, Any],
    *,
    after: UUID | None,
    limit: int,
) -> Sequence[tuple[UUID, str]]:
    """Id and published record of up to `limit` contacts behind `after`, in order of id."""
    statement = (
        lists.contacts(filters)
        .with_only_columns(Contact.id, _RECORD.c.body)
        .join(_RECORD, (_RECORD.c.kind == "contact") & (_RECORD.c.id == Contact.id))
        .order_by(Contact.id)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(Contact.id > after)
    return [(row[0], row[1]) for row in session.execute(statement)]


def count(session: Session, filters: Mapping[str, Any]) -> int:
    """How many contacts pass the filters now."""
    found = lists.contacts(filters).with_only_columns(func.count(), maintain_column_froms=True)
    return session.scalar(found) or 0


def custom_keys(session: Session, *, limit: int) -> list[str]:
    """The deployment's own fields that any contact has."""
    return [row[0] for row in db.cursor(session).execute(_CUSTOM, (limit,))]


def account_names(session: Session, account_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """The names of accounts."""
    rows = db.cursor(session).execute(_NAMES, (list(account_ids),))
    return {row[0]: row[1] for row in rows}


_NAMES = "select id, name from account where id = any(%s)"
_CUSTOM = """
select distinct key from contact cross join lateral jsonb_object_keys(custom) as k(key)
where custom <> '{}'
  and not exists (select from field f where f.object = 'contact' and f.key = k.key and f.sensitive)
order by key limit %s
"""
