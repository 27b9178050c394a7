"""Reading imports: their rows, who those may be, and how many there are of each kind."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from crm_chassis import db
from crm_contacts.model.interchange import BUSY, Export, ExportStatus, Import, RowStatus

Sorts = Mapping[str, InstrumentedAttribute[Any]]
IMPORT_SORTS: Sorts = {"created_at": Import.created_at}
EXPORT_SORTS: Sorts = {"created_at": Export.created_at}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a file as it was read; `body` holds fields, company, domain and external id."""

    number: int
    line: int
    start_at: int = 0
    end_at: int = 0
    status: str
    reasons: Sequence[str] = ()
    body: Mapping[str, Any] = field(default_factory=dict)
    keys: Sequence[str] = ()
    contact_id: UUID | None = None
    version: int | None = None
    before: Mapping[str, Any] | None = None


def imports(filters: Mapping[str, Any]) -> Select[Any]:
    """Imports, of one status if it is named."""
    return select(Import).where(*_status(Import, filters))


def exports(filters: Mapping[str, Any]) -> Select[Any]:
    """Exports, of one status if it is named."""
    return select(Export).where(*_status(Export, filters))


def _status(kind: Any, filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    status = filters.get("status")
    return [] if status is None else [kind.status == status]


def rows(
    session: Session,
    import_id: UUID,
    *,
    after: int = 0,
    limit: int,
    statuses: Collection[str] = (),
) -> list[Row]:
    """Up to `limit` rows behind number `after`, in order, of these statuses if any are named."""
    values = {"id": import_id, "after": after, "limit": limit, "statuses": list(statuses)}
    statement = _ROWS_OF if statuses else _ROWS
    return [_row(*found) for found in db.cursor(session).execute(statement, values)]


def waiting(session: Session, import_id: UUID, *, after: int, limit: int) -> list[Row]:
    """Rows in order that nothing became of yet; what was foreseen of them is asked anew."""
    found = db.cursor(session).execute(_WAITING, {"id": import_id, "after": after, "limit": limit})
    return [_row(*each) for each in found]


def _row(*values: Any) -> Row:
    names = ("number", "line", "start_at", "end_at", "status", "reasons", "body", "keys")
    named = dict(zip((*names, "contact_id", "version", "before"), values, strict=True))
    return Row(**{**named, "body": named["body"] or {}})


def counts(session: Session, import_id: UUID) -> dict[str, int]:
    """How many rows there are of each status."""
    found = db.cursor(session).execute(_COUNTS, (import_id,)).fetchall()
    return {RowStatus(status).value: number for status, number in found}


def accounts_made(session: Session, import_id: UUID) -> int:
    """How many accounts an import made."""
    row = db.cursor(session).execute(_MADE, (import_id,)).fetchone()
    return int(row[0]) if row else 0


def claimed(session: Session, import_id: UUID, keys: Collection[str]) -> set[str]:
    """Which of these keys an earlier row of the file would take."""
    return {row[0] for row in db.cursor(session).execute(_CLAIMED, (import_id, list(keys)))}


def known_by_origin(
    session: Session, source: str, external_ids: Collection[str]
) -> Mapping[str, UUID]:
    """The live contacts that records of another system became; who was absorbed is the survivor."""
    rows_ = db.cursor(session).execute(_ORIGINS, (source, list(external_ids)))
    return {row[0]: row[1] for row in rows_}


def known_by_id(session: Session, contact_ids: Collection[UUID]) -> Mapping[UUID, UUID]:
    """The live contact that each of these ids of ours means; who was absorbed is the survivor."""
    rows_ = db.cursor(session).execute(_LIVE, (list(contact_ids),))
    return {row[0]: row[1] for row in rows_}


def live_accounts(session: Session, name_keys: Collection[str]) -> Mapping[str, UUID]:
    """The oldest live account of each of these name keys."""
    rows_ = db.cursor(session).execute(_ACCOUNTS, (list(name_keys),))
    return {row[0]: row[1] for row in rows_}


def sharing_keys(
    session: Session, keys: Collection[str], *, most: int
) -> Mapping[str, Sequence[UUID]]:
    """Live contacts by the blocking key they share, but for keys that more than `most` have."""
    values = {"keys": list(keys), "most": most + 1}
    rows_ = db.cursor(session).execute(_SHARING, values)
    return {key: ids for key, ids in rows_ if len(ids) <= most}


def made_and_changed(
    session: Session, import_id: UUID, *, after: UUID | None, limit: int
) -> Mapping[UUID, list[Row]]:
    """What an import did to up to `limit` contacts behind id `after`: the rows of each, in order."""
    values = {"id": import_id, "after": after, "limit": limit}
    found: dict[UUID, list[Row]] = {}
    for row in (_row(*each) for each in db.cursor(session).execute(_TOUCHED, values)):
        if row.contact_id is not None:
            found.setdefault(row.contact_id, []).append(row)
    return found


def lonely_accounts(session: Session, import_id: UUID, *, limit: int) -> list[UUID]:
    """Accounts that an import made, as it made them, and that nobody live belongs to."""
    return [row[0] for row in db.cursor(session).execute(_LONELY, (import_id, limit))]


def refused(session: Session, import_id: UUID) -> Iterator[Row]:
    """All refused rows, a thousand held at a time."""
    after = 0
    while found := rows(session, import_id, after=after, limit=1_000, statuses=["refused"]):
        yield from found
        after = found[-1].number


def at_rest(session: Session, *, before: datetime, limit: int) -> Sequence[Import]:
    """Imports with nothing under way since then, whose rows are still there; locked."""
    statement = select(Import).where(
        Import.forgotten_at.is_(None), Import.updated_at < before, Import.status.not_in(BUSY)
    )
    ordered = statement.order_by(Import.updated_at, Import.id).limit(limit)
    return session.scalars(ordered.with_for_update(skip_locked=True)).all()


def written(session: Session, *, before: datetime, limit: int) -> Sequence[Export]:
    """Exports that ended before, whose files are still there; locked."""
    statement = select(Export).where(
        Export.forgotten_at.is_(None),
        Export.updated_at < before,
        Export.status != ExportStatus.QUEUED,
    )
    ordered = statement.order_by(Export.updated_at, Export.id).limit(limit)
    return session.scalars(ordered.with_for_update(skip_locked=True)).all()


def next_numbers(session: Session, table: str, count: int) -> list[int]:
    """Take public numbers of a table for rows that are written as a set."""
    values = {"sequence": f"{table}_public_no_seq", "count": count}
    return [row[0] for row in db.cursor(session).execute(_NUMBERS, values)]


_ROWS = """
select number, line, start_at, end_at, status, reasons, body, keys, contact_id, version, before from import_row
where import_id = %(id)s and number > %(after)s order by number limit %(limit)s
"""
_ROWS_OF = """
select number, line, start_at, end_at, status, reasons, body, keys, contact_id, version, before from import_row
where import_id = %(id)s and number > %(after)s and status = any(%(statuses)s)
order by number limit %(limit)s
"""
_WAITING = """
select number, line, start_at, end_at, status, reasons, body, keys, contact_id, version, before
from import_row
where import_id = %(id)s and number > %(after)s and version is null and body is not null
  and status in ('read', 'create', 'update', 'duplicate', 'refused')
order by number limit %(limit)s
"""
_COUNTS = "select status, count(*) from import_row where import_id = %s group by status"
_MADE = "select count(*) from import_account where import_id = %s"
_CLAIMED = "select key from import_key where import_id = %s and key = any(%s)"
_ORIGINS = """
select o.external_id, now_.id from contact_origin o
join contact c on c.id = o.contact_id
join contact now_ on now_.id = coalesce(c.merged_into_id, c.id)
where o.source = %s and o.external_id = any(%s) and now_.archived_at is null
"""
_LIVE = """
select c.id, now_.id from contact c join contact now_ on now_.id = coalesce(c.merged_into_id, c.id)
where c.id = any(%s) and now_.archived_at is null
"""
_ACCOUNTS = """
select distinct on (name_key) name_key, id from account
where name_key = any(%s) and archived_at is null order by name_key, id
"""
_SHARING = """
select wanted.key, block.ids from unnest(%(keys)s::text[]) as wanted(key)
cross join lateral (
    select array_agg(id) as ids from (
        select id from contact
        where match_keys @> array[wanted.key] and archived_at is null and merged_into_id is null
        limit %(most)s
    ) as few
) as block
where block.ids is not null
"""
_TOUCHED = """
with next as (
    select distinct contact_id from import_row
    where import_id = %(id)s and version is not null
      and (%(after)s::uuid is null or contact_id > %(after)s::uuid)
    order by contact_id limit %(limit)s
)
select number, line, start_at, end_at, status, reasons, body, keys, r.contact_id, version, before
from import_row r
join next on next.contact_id = r.contact_id
where r.import_id = %(id)s and r.version is not null order by r.contact_id, r.number
"""
_LONELY = """
select a.id from import_account made join account a on a.id = made.account_id
where made.import_id = %s and a.version = 1 and a.archived_at is null
  and not exists (
    select from account_contact l join contact c on c.id = l.contact_id
    where l.account_id = a.id and c.archived_at is null)
  and not exists (select from account child where child.parent_id = a.id)
  and not exists (select from deal_copy d where d.account_id = a.id and d.archived_at is null)
order by a.id limit %s
"""
_NUMBERS = "select nextval(%(sequence)s) from generate_series(1, %(count)s)"
