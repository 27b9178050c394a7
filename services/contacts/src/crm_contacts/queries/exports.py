"""Reading people for a file, a page at a time."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func
from sqlalchemy.orm import Session

from crm_chassis import db, rights
from crm_chassis.auth import Principal
from crm_contacts.model.contact import Contact
from crm_contacts.queries import lists


def bodies(
    session: Session,
    filters: Mapping[str, Any],
    *,
    who: Principal,
    after: UUID | None,
    limit: int,
) -> Sequence[tuple[UUID, str]]:
    """Id and published record of up to `limit` contacts behind `after` that `who` may export, by id."""
    statement = (
        _exported(filters, who)
        .with_only_columns(Contact.id, rights.RECORD.c.body)
        .order_by(Contact.id)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(Contact.id > after)
    return [(row[0], row[1]) for row in session.execute(statement)]


def count(session: Session, filters: Mapping[str, Any], *, who: Principal) -> int:
    """How many contacts that `who` may export pass the filters now."""
    found = _exported(filters, who).with_only_columns(func.count(), maintain_column_froms=True)
    return session.scalar(found) or 0


def _exported(filters: Mapping[str, Any], who: Principal) -> Select[Any]:
    record = rights.RECORD
    return (
        lists.contacts(filters)
        .join(record, (record.c.kind == "contact") & (record.c.id == Contact.id))
        .where(rights.visible(who, "contact"), rights.may(who, "contact", "export"))
    )


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
