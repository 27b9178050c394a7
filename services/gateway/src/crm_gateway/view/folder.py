"""Folding facts into the view: records, links, then documents, under locks taken in order."""

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import md5
from typing import Any
from uuid import UUID

import psycopg

import crm_contracts as contracts
from crm_chassis import clock
from crm_chassis.project import Item, Source
from crm_gateway.queries import checks
from crm_gateway.queries import view as queries
from crm_gateway.view import busy, searched
from crm_gateway.view.documents import lock, recompose, store
from crm_gateway.view.shapes import name_key, search_text, sort_at, title, title_key

SHARED_BY_TOO_MANY = 200
Connection = psycopg.Connection[Any]
Changed = Sequence[tuple[Any, ...]]


class ViewFolder:
    """Folds the records of one producer, or of all, into the customer view."""

    def __init__(self, of: Sequence[Source], *, put_off: threading.Event | None = None) -> None:
        """`of`: the kinds this folder fills in a resync and answers for in a comparison.

        Busy customers are composed at once, or later by whoever waits for `put_off`.
        """
        self.sources = tuple(of)
        self._put_off = put_off

    def fold(self, connection: Connection, items: Sequence[Item], *, repair: bool = False) -> None:
        """Keep what is newer, relink it, recompose every customer it touches."""
        entries = [entry for item in items if (entry := entry_of(item)) is not None]
        newest = _newest([*items, *entries])
        if not newest:
            return
        own = searched.fields(connection, newest)
        rows = [_row(item, own) for item in newest]
        values = {name: [row[name] for row in rows] for name in rows[0]}
        changed = connection.execute(_UPSERT_REPAIR if repair else _UPSERT, values).fetchall()
        if not changed:
            return
        searched.follow(connection, {kind for kind, *_ in changed}, own)
        connection.execute(
            _RELINK, {"kinds": [r[0] for r in changed], "ids": [r[1] for r in changed]}
        )
        _lock_accounts(connection, changed)
        self._recompose(connection, _touched(connection, changed))

    def _recompose(self, connection: Connection, touched: set[UUID]) -> None:
        if not touched:
            return
        ordered = lock(connection, touched)
        later = busy.put_off(connection, ordered) if self._put_off else set()
        store(connection, [customer for customer in ordered if customer not in later])
        if self._put_off and later:
            self._put_off.set()

    def digests(self, connection: Connection, source: Source) -> list[tuple[Any, ...]]:
        """Return (bucket, count, hash) of what is kept of a kind."""
        return checks.digests(connection, source.service, source.kind)

    def versions(
        self, connection: Connection, source: Source, bucket: str
    ) -> dict[UUID, tuple[int, str]]:
        """Return version and body digest of each record of a bucket."""
        return checks.versions(connection, source.service, source.kind, bucket)

    def drop(self, connection: Connection, source: Source, ids: Sequence[UUID]) -> None:
        """Remove records their owner does not know, and recompose whom they belonged to."""
        gone = connection.execute(_DROP, (source.kind, list(ids))).fetchall()
        connection.execute(
            "delete from view_link where kind = %s and record_id = any(%s)",
            (source.kind, list(ids)),
        )
        recompose(connection, {customer for (customers,) in gone for customer in customers})


def entry_of(item: Item) -> Item | None:
    """Return the timeline entry a fact leaves, computed as its producer did."""
    if item.fact is None:
        return None
    entry = contracts.timeline_entry(contracts.decode(item.fact))
    if entry is None:
        return None
    body = contracts.record_body(entry)
    return Item(service=item.service, kind="timeline", id=entry.id, version=1, body=body)


def _newest(items: Iterable[Item]) -> list[Item]:
    found: dict[tuple[str, UUID], Item] = {}
    for item in items:
        known = found.get((item.kind, item.id))
        if known is None or known.version < item.version:
            found[item.kind, item.id] = item
    return [found[key] for key in sorted(found)]


def _row(item: Item, own: searched.Fields) -> dict[str, Any]:
    body = item.body or b"null"
    record = contracts.record_from(item.service, item.kind, body) if item.body else None
    return {
        "kind": item.kind,
        "id": item.id,
        "service": item.service,
        "version": item.version,
        "body": item.body.decode() if item.body else None,
        "digest": UUID(bytes=md5(item.body or b"").digest()),  # noqa: S324 - not a secret
        "customer_ids": _array(record.customers() if record else ()),
        "owner_id": record.owner_id if record else None,
        "team_id": record.team_id if record else None,
        "assignee_id": getattr(record, "assignee_id", None),
        "visibility": record.visibility if record else "all",
        "merged_into": getattr(record, "merged_into_id", None),
        "sort_at": sort_at(record) if record else clock.now(),
        "title": title(record) if record else None,
        "search_text": search_text(record, own=own.get(item.kind, ())) if record else None,
        "title_key": title_key(record) if record else None,
        "name_key": name_key(record) if record else None,
    }


def _touched(connection: Connection, changed: Changed) -> set[UUID]:
    """Return the customers whose page shows a changed record, or showed it before."""
    touched = {customer for _, _, now, before in changed for customer in (*now, *before)}
    accounts = {id_ for kind, id_, _, _ in changed if kind == "account"}
    moved = _contacts_moved_between(changed)
    if accounts:
        most = SHARED_BY_TOO_MANY
        touched.update(queries.contacts_of_accounts(connection, sorted(accounts), most=most))
    if moved:
        touched.update(_across_the_limit(connection, moved))
    return touched


def _contacts_moved_between(changed: Changed) -> Counter[UUID]:
    """Return the customers that gained or lost contacts, and how many."""
    return Counter(
        customer
        for kind, id_, now, before in changed
        if kind == "contact"
        for customer in {*now} ^ {*before}
        if customer != id_
    )


def _across_the_limit(connection: Connection, moved: Counter[UUID]) -> list[UUID]:
    """Return the contacts of accounts whose links may have crossed the limit by what they moved."""
    sizes = checks.sizes(connection, sorted(moved))
    near = [id_ for id_, size in sizes if abs(size - SHARED_BY_TOO_MANY) <= moved[id_]]
    most = SHARED_BY_TOO_MANY + max((moved[id_] for id_ in near), default=0)
    return queries.contacts_of_accounts(connection, near, most=most) if near else []


def _lock_accounts(connection: Connection, changed: Changed) -> None:
    """Let one fold at a time decide which contacts an account's change reaches.

    Without it, a contact linked by another fold that has not committed keeps the account's old
    body. Buckets bound the number of locks; records are locked before, customers after.
    """
    accounts = {id_ for kind, id_, _, _ in changed if kind == "account"}
    accounts |= _contacts_moved_between(changed).keys()
    if accounts:
        connection.execute(_LOCK_ACCOUNTS, (sorted(accounts),))


def _array(values: Iterable[object]) -> str:
    return "{" + ",".join(map(str, sorted(values, key=str))) + "}"


_UPSERT = """
insert into view_record as kept (kind, id, service, version, body, digest, customer_ids, left_ids,
    owner_id, team_id, assignee_id, visibility, merged_into, sort_at, title, search_text, title_key,
    name_key)
select kind, id, service, version, body, digest, customer_ids::uuid[], '{}', owner_id, team_id,
       assignee_id, visibility, merged_into, sort_at, title, search_text, title_key, name_key
from unnest(%(kind)b::text[], %(id)s::uuid[], %(service)b::text[], %(version)s::bigint[],
            %(body)b::text[], %(digest)s::uuid[], %(customer_ids)b::text[], %(owner_id)s::uuid[],
            %(team_id)s::uuid[], %(assignee_id)s::uuid[], %(visibility)b::text[], %(merged_into)s::uuid[],
            %(sort_at)s::timestamptz[], %(title)b::text[], %(search_text)b::text[], %(title_key)b::text[],
            %(name_key)b::text[])
  as given(kind, id, service, version, body, digest, customer_ids, owner_id, team_id, assignee_id,
           visibility, merged_into, sort_at, title, search_text, title_key, name_key)
on conflict (kind, id) do update set
    service = excluded.service, version = excluded.version, body = excluded.body,
    digest = excluded.digest, customer_ids = excluded.customer_ids,
    left_ids = kept.customer_ids, owner_id = excluded.owner_id, team_id = excluded.team_id, assignee_id = excluded.assignee_id,
    visibility = excluded.visibility, merged_into = excluded.merged_into,
    sort_at = excluded.sort_at, title = excluded.title,
    search_text = excluded.search_text, title_key = excluded.title_key, name_key = excluded.name_key
where kept.version < excluded.version
returning kind, id, customer_ids, left_ids
"""
_UPSERT_REPAIR = _UPSERT.replace("kept.version < excluded", "kept.version <= excluded")
_RELINK = """
with changed as (
    select r.kind, r.id, r.customer_ids, r.sort_at
    from unnest(%(kinds)s::text[], %(ids)s::uuid[]) as c(kind, id)
    join view_record r on r.kind = c.kind and r.id = c.id
), gone as (
    delete from view_link l using changed c
    where l.kind = c.kind and l.record_id = c.id and l.customer_id <> all(c.customer_ids)
)
insert into view_link (customer_id, kind, record_id, sort_at)
select customer, kind, id, sort_at from changed cross join lateral unnest(customer_ids) as customer
on conflict (customer_id, kind, record_id) do update set sort_at = excluded.sort_at
    where view_link.sort_at <> excluded.sort_at
"""
_LOCK_ACCOUNTS = """
select pg_advisory_xact_lock(hashtextextended('accounts ' || bucket, 0))
from (select distinct left(md5(id::text), 2) as bucket from unnest(%s::uuid[]) as u(id)
      order by 1) as ordered
"""
_DROP = "delete from view_record where kind = %s and id = any(%s) returning customer_ids"
