"""Reading orders, invoices and subscriptions, and whom their buyers may be."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text, tuple_
from sqlalchemy.orm import Session

from crm_chassis import db
from crm_contacts.model.purchase import Invoice, InvoiceStatus, Order, Purchase, Subscription

P = TypeVar("P", bound=Purchase)
Key = tuple[str, str]  # the source and what it calls the purchase
ORDER_SORTS = {
    "placed_at": func.coalesce(Order.placed_at, Order.created_at),
    "created_at": Order.created_at,
    "updated_at": Order.updated_at,
}
INVOICE_SORTS = {"created_at": Invoice.created_at, "updated_at": Invoice.updated_at}
SUBSCRIPTION_SORTS = {"created_at": Subscription.created_at, "updated_at": Subscription.updated_at}
_NOT_COLUMNS = frozenset({"limit", "cursor", "sort", "archived", "customer_id", "awaiting"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who bought, as a source says: ids of ours, or what else is known of them."""

    contact_id: UUID | None = None
    account_id: UUID | None = None
    email: str | None = None
    name: str | None = None
    external_id: str | None = None
    company: str | None = None
    domain: str | None = None
    account_external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The contact and account that a buyer is, as far as they are known."""

    contact_id: UUID | None = None
    account_id: UUID | None = None
    is_customer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who a contact is now, their main account, and who of both counts as a customer."""

    contact_id: UUID
    account_id: UUID | None
    is_customer: bool
    account_is_customer: bool


def table_of(kind: type[Any]) -> str:
    """The name of the table, which is the kind of the records."""
    return str(kind.__tablename__)


def purchases(kind: type[Purchase], filters: Mapping[str, Any]) -> Select[Any]:
    """Purchases that pass the filters; `customer_id` is the contact's or the account's."""
    wanted: list[ColumnElement[bool]] = [
        getattr(kind, name) == value
        for name, value in filters.items()
        if name not in _NOT_COLUMNS and value is not None
    ]
    if customer_id := filters.get("customer_id"):
        wanted.append(or_(kind.contact_id == customer_id, kind.account_id == customer_id))
    if (awaiting := filters.get("awaiting")) is not None:
        wanted.append(kind.awaited.is_not(None) if awaiting else kind.awaited.is_(None))
    put_away = kind.archived_at.is_not(None) if filters["archived"] else kind.archived_at.is_(None)
    return select(kind).where(*wanted, put_away)


def known(session: Session, kind: type[P], keys: Collection[Key]) -> Mapping[Key, P]:
    """The purchases of these keys, locked; nobody else makes one of them meanwhile."""
    name = table_of(kind)
    names = sorted("\x1f".join((name, *key)) for key in set(keys))
    db.cursor(session).execute(_RESERVE, (names,))
    same = tuple_(kind.source, kind.external_id).in_(sorted(set(keys)))
    found = session.scalars(select(kind).where(same).order_by(kind.id).with_for_update())
    return {(each.source, each.external_id): each for each in found}


def matches(
    session: Session, said: Sequence[tuple[str, Buyer]], keys: Sequence[str]
) -> list[Match]:
    """Whom each buyer of a source is, in the same order; `keys`: the companies' spelling keys.

    A person is known by what the source calls them, then by e-mail address; a company by what the
    source calls it, then by its only account of that domain, then of that name.
    """
    values = {
        "source": [source for source, _ in said],
        "email": [buyer.email for _, buyer in said],
        "external_id": [buyer.external_id for _, buyer in said],
        "account_external_id": [buyer.account_external_id for _, buyer in said],
        "domain": [buyer.domain for _, buyer in said],
        "company": list(keys),
        "number": list(range(len(said))),
    }
    rows = db.cursor(session).execute(_MATCHES, values).fetchall()
    return [
        Match(contact_id=contact_id, account_id=account_id) for _, contact_id, account_id in rows
    ]


def waiting(
    session: Session, kind: type[Purchase], *, limit: int
) -> Sequence[tuple[UUID, UUID | None, UUID | None]]:
    """Purchases whose buyer is known by now: ids of purchase, contact and account."""
    statement = _WAITING.replace("@table", f'"{table_of(kind)}"')
    return db.cursor(session).execute(statement, (limit,)).fetchall()


def survivors(session: Session, contact_ids: Iterable[UUID]) -> Mapping[UUID, Person]:
    """Who each contact is now; none of them is merged or changed meanwhile."""
    wanted = sorted(set(contact_ids))
    if not wanted:
        return {}
    rows = db.cursor(session).execute(_SURVIVORS, (wanted,))
    return {
        id_: Person(contact_id=now, account_id=of, is_customer=buys, account_is_customer=pays)
        for id_, now, of, buys, pays in rows
    }


def accounts(session: Session, account_ids: Iterable[UUID]) -> Mapping[UUID, tuple[UUID, bool]]:
    """What each of these accounts that there are is now, and whether it is a customer; locked."""
    wanted = sorted(set(account_ids))
    rows = db.cursor(session).execute(_ACCOUNTS, (wanted,)).fetchall() if wanted else ()
    return {id_: (now, pays) for id_, now, pays in rows}


def by_id(session: Session, kind: type[P], purchase_ids: Iterable[UUID]) -> Mapping[UUID, P]:
    """These purchases, locked in order of id."""
    wanted = sorted(purchase_ids)
    statement = select(kind).where(kind.id.in_(wanted)).order_by(kind.id).with_for_update()
    return {each.id: each for each in session.scalars(statement)}


def newly_overdue(session: Session, *, before: datetime, limit: int) -> Sequence[Invoice]:
    """Open invoices that were due before, locked."""
    is_due = and_(Invoice.status == InvoiceStatus.OPEN, Invoice.due_at < before)
    statement = select(Invoice).where(is_due, Invoice.archived_at.is_(None))
    locked = statement.order_by(Invoice.due_at, Invoice.id).limit(limit)
    return session.scalars(locked.with_for_update(skip_locked=True)).all()


def company_zone(session: Session) -> ZoneInfo:
    """The company's time zone; UTC as long as nobody said."""
    name = session.scalar(text("select time_zone from company_copy order by id limit 1"))
    return ZoneInfo(name or "UTC")


_RESERVE = """
select pg_advisory_xact_lock(hashtextextended(name, 0))
from (select name from unnest(%s::text[]) with ordinality as u(name, n) order by n) ordered
"""
_WHO = """
coalesce(
    (select record_id from customer_origin o where o.source = t.source and o.kind = 'contact'
        and o.external_id = t.external_id),
    (select contact_id from contact_origin o where o.source = t.source
        and o.external_id = t.external_id),
    (select contact_id from contact_point p where p.kind = 'email' and p.is_live
        and p.value = t.email)) as contact_id,
coalesce(
    (select record_id from customer_origin o where o.source = t.source and o.kind = 'account'
        and o.external_id = t.account_external_id),
    (select min(a.id::text)::uuid from account a where a.domain = t.domain
        and a.archived_at is null having count(*) = 1),
    (select min(a.id::text)::uuid from account a where a.name_key = t.company
        and a.archived_at is null having count(*) = 1)) as account_id
"""
_MATCHES = f"""
select t.number, {_WHO}
from unnest(%(number)s::int[], %(source)s::text[], %(email)s::text[], %(external_id)s::text[],
    %(account_external_id)s::text[], %(domain)s::text[], %(company)s::text[])
    as t(number, source, email, external_id, account_external_id, domain, company)
order by t.number
"""  # noqa: S608
_WAITING = f"""
select w.id, w.contact_id, w.account_id from (
    select t.id, t.had_account, {_WHO} from (
        select id, source, account_id as had_account, awaited ->> 'email' as email,
            awaited ->> 'external_id' as external_id, awaited ->> 'domain' as domain,
            awaited ->> 'account_external_id' as account_external_id,
            awaited ->> 'company_key' as company
        from @table where awaited is not null
    ) t
) w
where w.contact_id is not null or (w.account_id is not null and w.had_account is null)
order by w.id limit %s
"""  # noqa: S608
_SURVIVORS = """
select c.id, coalesce(c.merged_into_id, c.id), l.account_id,
    coalesce(s.lifecycle, c.lifecycle) in ('customer', 'evangelist'),
    coalesce(a.lifecycle = 'customer', true)
from contact c
left join contact s on s.id = c.merged_into_id
left join account_contact l on l.contact_id = coalesce(c.merged_into_id, c.id) and l.is_primary
left join account a on a.id = l.account_id
where c.id = any(%s) order by c.id for no key update of c
"""
_ACCOUNTS = """
select a.id, coalesce(a.merged_into_id, a.id), coalesce(s.lifecycle, a.lifecycle) = 'customer'
from account a left join account s on s.id = a.merged_into_id
where a.id = any(%s) order by a.id for no key update of a
"""
