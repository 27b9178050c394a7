"""Folding facts into the view: records, links, then documents, under locks taken in order."""

from collections.abc import Iterable, Sequence
from hashlib import md5
from typing import Any
from uuid import UUID

import orjson
import psycopg

import crm_contracts as contracts
from crm_chassis import clock
from crm_chassis.project import Item, Source
from crm_gateway.queries import checks
from crm_gateway.queries import view as queries
from crm_gateway.view.compose import NEWEST, Document, Shown, Sums, compose
from crm_gateway.view.shapes import PAGE_KINDS, search_text, sort_at, title

SHARED_BY_TOO_MANY = 200
Connection = psycopg.Connection[Any]


class ViewFolder:
    """Folds the records of one producer, or of all, into the customer view."""

    def __init__(self, of: Sequence[Source]) -> None:
        """`of`: the kinds this folder fills in a resync and answers for in a comparison."""
        self.sources = tuple(of)

    def fold(self, connection: Connection, items: Sequence[Item], *, repair: bool = False) -> None:
        """Keep what is newer, relink it, recompose every customer it touches."""
        entries = [entry for item in items if (entry := entry_of(item)) is not None]
        newest = _newest([*items, *entries])
        if not newest:
            return
        rows = [_row(item) for item in newest]
        values = {name: [row[name] for row in rows] for name in rows[0]}
        changed = connection.execute(_UPSERT_REPAIR if repair else _UPSERT, values).fetchall()
        if not changed:
            return
        connection.execute(
            _RELINK, {"kinds": [r[0] for r in changed], "ids": [r[1] for r in changed]}
        )
        _lock_members(connection, changed)
        recompose(connection, _touched(connection, changed))

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


def recompose(connection: Connection, customers: Iterable[UUID]) -> None:
    """Lock the customers in order, then compose and store their documents."""
    ordered = sorted(set(customers))
    if not ordered:
        return
    connection.execute(_LOCK, (ordered,))
    documents = documents_of(connection, ordered)
    rows = [_document_row(document) for document in documents]
    values = {name: [row[name] for row in rows] for name in rows[0]}
    connection.execute(_STORE, values | {"now": clock.now()})


def documents_of(connection: Connection, customers: Sequence[UUID]) -> list[Document]:
    """Compose customers from the records kept here, without storing."""
    shown: dict[UUID, list[Shown]] = {customer: [] for customer in customers}
    nexts: dict[UUID, str] = {}
    counts: dict[UUID, int] = {}
    rows = queries.newest_records(connection, customers, PAGE_KINDS, limit=NEWEST + 1)
    seen: dict[tuple[UUID, str], int] = {}
    last: dict[UUID, str] = {}
    for customer, kind, id_, version, body, visibility, at in rows:
        seen[customer, kind] = seen.get((customer, kind), 0) + 1
        if seen[customer, kind] > NEWEST:
            if kind == "timeline":
                nexts[customer] = last[customer]
            continue
        if kind == "timeline":
            last[customer] = queries.cursor(at, id_)
        shown[customer].append(Shown(kind, id_, version, body, visibility))
    for customer, id_, version, visibility, body in queries.accounts_of_contacts(
        connection, customers
    ):
        reference = orjson.dumps({"id": id_, "shared": True}).decode()
        whole = body is not None
        shown[customer].append(
            Shown("account", id_, version if whole else 0, body or reference, visibility)
        )
    del counts
    sums = {row[0]: _sums(row) for row in queries.sums(connection, customers)}
    return [
        compose(customer, shown[customer], sums.get(customer, Sums()), nexts.get(customer))
        for customer in customers
    ]


def _sums(row: Sequence[Any]) -> Sums:
    _, deals, tickets, breached, messages = row
    return Sums(
        open_amounts=queries.amounts(deals, 1), weighted_amounts=queries.amounts(deals, 2),
        open_tickets=tickets, sla_at_risk=breached,
        messages_sent=messages[0], messages_opened=messages[1],
    )  # fmt: skip


def _newest(items: Iterable[Item]) -> list[Item]:
    found: dict[tuple[str, UUID], Item] = {}
    for item in items:
        known = found.get((item.kind, item.id))
        if known is None or known.version < item.version:
            found[item.kind, item.id] = item
    return [found[key] for key in sorted(found)]


def _row(item: Item) -> dict[str, Any]:
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
        "visibility": record.visibility if record else "all",
        "sort_at": sort_at(record) if record else clock.now(),
        "title": title(record) if record else None,
        "search_text": search_text(record) if record else None,
    }


def _lock_members(connection: Connection, changed: Sequence[tuple[Any, ...]]) -> None:
    """Let nobody join or leave an account while it changes, before its members are looked up.

    These locks precede all customers' locks, so they close no cycle with them.
    """
    accounts = {id_ for kind, id_, _, _ in changed if kind == "account"}
    joined = {
        customer
        for kind, id_, now, before in changed
        for customer in (*now, *before)
        if kind == "contact" and customer != id_
    }
    wanted = sorted(accounts | joined)
    if wanted:
        connection.execute(_LOCK_MEMBERS, (wanted, [id_ in accounts for id_ in wanted]))


def _touched(connection: Connection, changed: Sequence[tuple[Any, ...]]) -> set[UUID]:
    """Return the customers whose page shows a changed record, or showed it before."""
    touched = {customer for _, _, now, before in changed for customer in (*now, *before)}
    accounts = {id_ for kind, id_, _, _ in changed if kind == "account"}
    crossed = {customer for kind, _, now, _ in changed if kind == "contact" for customer in now}
    if accounts:
        most = SHARED_BY_TOO_MANY
        touched.update(queries.contacts_of_accounts(connection, sorted(accounts), most=most))
    if crossed:
        touched.update(_newly_shared(connection, crossed, len(changed)))
    return touched


def _newly_shared(connection: Connection, accounts: set[UUID], new_links: int) -> list[UUID]:
    """Return the contacts of accounts that just became too large to embed in each of them."""
    rows = checks.sizes(connection, sorted(accounts))
    grown = [
        id_ for id_, links in rows if SHARED_BY_TOO_MANY < links <= SHARED_BY_TOO_MANY + new_links
    ]
    if not grown:
        return []
    return queries.contacts_of_accounts(connection, grown, most=SHARED_BY_TOO_MANY + new_links)


def _document_row(document: Document) -> dict[str, Any]:
    return {
        "customer_id": document.customer_id,
        "etag": document.etag,
        "known": document.known,
        "restricted": document.restricted,
        "head": document.head,
        "timeline": document.timeline,
        "versions": orjson.dumps(document.versions).decode(),
        **document.sections,
    }


def _array(values: Iterable[object]) -> str:
    return "{" + ",".join(map(str, sorted(values, key=str))) + "}"


_UPSERT = """
insert into view_record as kept (kind, id, service, version, body, digest, customer_ids, left_ids,
    owner_id, team_id, visibility, sort_at, title, search_text)
select kind, id, service, version, body, digest, customer_ids::uuid[], '{}', owner_id, team_id,
       visibility, sort_at, title, search_text
from unnest(%(kind)s::text[], %(id)s::uuid[], %(service)s::text[], %(version)s::bigint[],
            %(body)s::text[], %(digest)s::uuid[], %(customer_ids)s::text[], %(owner_id)s::uuid[],
            %(team_id)s::uuid[], %(visibility)s::text[], %(sort_at)s::timestamptz[],
            %(title)s::text[], %(search_text)s::text[])
  as given(kind, id, service, version, body, digest, customer_ids, owner_id, team_id, visibility,
           sort_at, title, search_text)
on conflict (kind, id) do update set
    service = excluded.service, version = excluded.version, body = excluded.body,
    digest = excluded.digest, customer_ids = excluded.customer_ids,
    left_ids = kept.customer_ids, owner_id = excluded.owner_id, team_id = excluded.team_id,
    visibility = excluded.visibility, sort_at = excluded.sort_at, title = excluded.title,
    search_text = excluded.search_text
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
_LOCK_MEMBERS = """
select case when alone then pg_advisory_xact_lock(hashtextextended('members ' || id, 0))
       else pg_advisory_xact_lock_shared(hashtextextended('members ' || id, 0)) end
from (
    select id, alone from unnest(%s::uuid[], %s::bool[]) with ordinality as u(id, alone, n) order by n
) as ordered
"""
_LOCK = """
select pg_advisory_xact_lock(hashtextextended('customer ' || id, 0))
from (select id from unnest(%s::uuid[]) with ordinality as u(id, n) order by n) as ordered
"""
_STORE = """
insert into customer_view (customer_id, etag, known, restricted, head, contacts, sales, marketing,
    support, timeline, versions, composed_at)
select customer_id, etag, known, restricted, head, contacts, sales, marketing, support, timeline,
       versions::jsonb, %(now)s
from unnest(%(customer_id)s::uuid[], %(etag)s::text[], %(known)s::bool[], %(restricted)s::bool[],
            %(head)s::text[], %(contacts)s::text[], %(sales)s::text[], %(marketing)s::text[],
            %(support)s::text[], %(timeline)s::text[], %(versions)s::text[])
  as given(customer_id, etag, known, restricted, head, contacts, sales, marketing, support,
           timeline, versions)
on conflict (customer_id) do update set
    etag = excluded.etag, known = excluded.known, restricted = excluded.restricted,
    head = excluded.head, contacts = excluded.contacts, sales = excluded.sales,
    marketing = excluded.marketing, support = excluded.support, timeline = excluded.timeline,
    versions = excluded.versions, composed_at = excluded.composed_at
where customer_view.etag <> excluded.etag
"""
_DROP = "delete from view_record where kind = %s and id = any(%s) returning customer_ids"
