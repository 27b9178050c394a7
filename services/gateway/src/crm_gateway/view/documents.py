"""Composing customers from the records kept here, and storing them under locks taken in order."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import psycopg

from crm_chassis import clock
from crm_gateway.queries import sums as counted
from crm_gateway.queries import view as queries
from crm_gateway.view.compose import (
    COUNTED_KINDS,
    NEWEST,
    Document,
    Shown,
    Sums,
    compose,
    sums_of,
)
from crm_gateway.view.shapes import CUSTOMER_KINDS, PAGE_KINDS
from crm_gateway.view.sight import Sight

# The server has room for some 6,400 locks; a larger batch has all customers to itself instead.
LOCKED_ONE_BY_ONE = 500
PACE = timedelta(milliseconds=200)  # between two documents of a busy customer, of the usual size
USUAL = 4096  # bytes; a document twice as long is composed half as often, when it is busy
LONGEST_PACE = 25  # times the usual pace
Connection = psycopg.Connection[Any]
Absorbed = Mapping[UUID, Sequence[UUID]]


def recompose(connection: Connection, customers: Iterable[UUID], *, anew: bool = False) -> None:
    """Lock the customers in order, then compose and store their documents.

    What is stored with the same entity tag stays, but with `anew`.
    """
    store(connection, lock(connection, customers), anew=anew)


def lock(connection: Connection, customers: Iterable[UUID]) -> list[UUID]:
    """Have the customers to oneself until the end of the transaction; return them in order.

    With them come those they were merged into, for their documents show the same records.
    """
    wanted = set(customers)
    ordered = _lock(connection, wanted | queries.survivors(connection, list(wanted)))
    late = queries.survivors(connection, ordered) - set(ordered)
    return sorted({*ordered, *_lock(connection, late)}) if late else ordered


def _lock(connection: Connection, customers: Iterable[UUID]) -> list[UUID]:
    ordered = sorted(set(customers))
    if len(ordered) > LOCKED_ONE_BY_ONE:
        connection.execute(_LOCK_ALL)
    elif ordered:
        connection.execute(_LOCK_SHARED)
        connection.execute(_LOCK_EACH, (ordered,))
    return ordered


def store(connection: Connection, ordered: Sequence[UUID], *, anew: bool = False) -> None:
    """Compose and store the documents of locked customers."""
    if not ordered:
        return
    rows = [_document_row(document) for document in documents_of(connection, ordered)]
    values: dict[str, Any] = {name: [row[name] for row in rows] for name in rows[0]}
    values |= {"now": clock.now(), "pace": PACE, "usual": USUAL, "longest": LONGEST_PACE}
    connection.execute(_STORE_ANEW if anew else _STORE, values)


def documents_of(
    connection: Connection, customers: Sequence[UUID], *, sight: Sight | None = None
) -> list[Document]:
    """Compose customers from the records kept here, without storing; or what somebody sees of them."""
    shown: dict[UUID, list[Shown]] = {customer: [] for customer in customers}
    nexts: dict[UUID, str] = {}
    absorbed = queries.absorbed(connection, customers)
    counts: dict[tuple[UUID, str], int] = {}
    last: dict[UUID, str] = {}
    for customer, kind, id_, version, body, visibility, at in _newest(
        connection, customers, absorbed, sight
    ):
        counts[customer, kind] = counts.get((customer, kind), 0) + 1
        if counts[customer, kind] > NEWEST:
            if kind == "timeline":
                nexts[customer] = last[customer]
            continue
        if kind == "timeline":
            last[customer] = queries.cursor(at, id_)
        shown[customer].append(Shown(kind, id_, version, body, visibility))
    for customer, account in _accounts(connection, customers, sight):
        shown[customer].append(account)
    sums = _sums_of(connection, customers, absorbed, sight)
    if sight is not None:
        shown = {customer: sight.whole(every) for customer, every in shown.items()}
        sums = {customer: sight.whole_sums(each) for customer, each in sums.items()}
    return [
        compose(customer, shown[customer], sums.get(customer, Sums()), nexts.get(customer))
        for customer in customers
    ]


def _accounts(
    connection: Connection, customers: Sequence[UUID], sight: Sight | None
) -> Iterator[tuple[UUID, Shown]]:
    """Yield the accounts of contacts; of one shared by too many only which it is."""
    for customer, id_, version, visibility, body in queries.accounts_of_contacts(
        connection, customers, seen=_seen(sight)
    ):
        reference = orjson.dumps({"id": id_, "shared": True}).decode()
        shown_version = 0 if body is None else version
        yield customer, Shown("account", id_, shown_version, body or reference, visibility)


def _newest(
    connection: Connection, customers: Sequence[UUID], absorbed: Absorbed, sight: Sight | None
) -> Iterator[tuple[Any, ...]]:
    """Yield each record once per customer, the customer's own and those of whom it absorbed."""
    of = [(each, each) for each in customers]
    of += [(survivor, each) for survivor, ids in absorbed.items() for each in ids]
    seen: set[tuple[UUID, str, UUID]] = set()
    for row in queries.newest_records(
        connection, of, PAGE_KINDS, limit=NEWEST + 1, seen=_seen(sight)
    ):
        customer, kind, id_ = row[:3]
        is_absorbed = kind in CUSTOMER_KINDS and id_ in absorbed.get(customer, ())
        if not is_absorbed and (customer, kind, id_) not in seen:
            seen.add((customer, kind, id_))
            yield row


def _sums_of(
    connection: Connection, customers: Sequence[UUID], absorbed: Absorbed, sight: Sight | None
) -> dict[UUID, Sums]:
    alone, seen = [each for each in customers if each not in absorbed], _seen(sight)
    sums = {row[0]: _sums(row) for row in counted.sums(connection, alone, seen=seen)}
    for survivor, ids in absorbed.items():
        rows = queries.counted_bodies(connection, [survivor, *ids], COUNTED_KINDS, seen=seen)
        sums[survivor] = sums_of((kind, orjson.loads(body)) for kind, body in rows)
    return sums


def _sums(row: Sequence[Any]) -> Sums:
    _, deals, tickets, breached, messages, invoices, limited = row
    return Sums(
        open_amounts=counted.amounts(deals, 1), weighted_amounts=counted.amounts(deals, 2),
        open_tickets=tickets, sla_at_risk=breached,
        messages_sent=messages[0], messages_opened=messages[1],
        open_invoices=counted.amounts(invoices, 1), overdue_invoices=counted.amounts(invoices, 2),
        overdue_count=sum(each[3] for each in invoices or ()), limited=limited > 0,
    )  # fmt: skip


def _seen(sight: Sight | None) -> queries.Seen | None:
    return None if sight is None else sight.seen


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


_LOCK_SHARED = "select pg_advisory_xact_lock_shared(hashtextextended('customers', 0))"
_LOCK_EACH = """
select pg_advisory_xact_lock(hashtextextended('customer ' || id, 0))
from (select id from unnest(%s::uuid[]) with ordinality as u(id, n) order by n) as ordered
"""
_LOCK_ALL = "select pg_advisory_xact_lock(hashtextextended('customers', 0))"
# Lists of texts go as binary (%b): as text each of their quotes is escaped, one by one, in Python.
_STORE = """
insert into customer_view (customer_id, etag, known, restricted, head, contacts, sales, marketing,
    support, timeline, versions, composed_at, paced_until)
select customer_id, etag, known, restricted, head, contacts, sales, marketing, support, timeline,
       versions::jsonb, %(now)s, %(now)s::timestamptz + %(pace)s
from unnest(%(customer_id)s::uuid[], %(etag)b::text[], %(known)s::bool[], %(restricted)s::bool[],
            %(head)b::text[], %(contacts)b::text[], %(sales)b::text[], %(marketing)b::text[],
            %(support)b::text[], %(timeline)b::text[], %(versions)b::text[])
  as given(customer_id, etag, known, restricted, head, contacts, sales, marketing, support,
           timeline, versions)
on conflict (customer_id) do update set
    etag = excluded.etag, known = excluded.known, restricted = excluded.restricted,
    head = excluded.head, contacts = excluded.contacts, sales = excluded.sales,
    marketing = excluded.marketing, support = excluded.support, timeline = excluded.timeline,
    versions = excluded.versions, composed_at = excluded.composed_at,
    paced_until = greatest(customer_view.paced_until, excluded.composed_at) + %(pace)s
        * least(%(longest)s, greatest(1, (length(excluded.contacts) + length(excluded.sales)
            + length(excluded.marketing) + length(excluded.support)) / %(usual)s))
where customer_view.etag <> excluded.etag or customer_view.restricted <> excluded.restricted
"""
_STORE_ANEW = _STORE[: _STORE.rindex("where customer_view.etag")]
