"""What a set of deliveries is about, looked up at once: the purchases known, and who bought."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import db
from crm_contacts.model.errors import BuyerUnknown
from crm_contacts.model.values import company_key
from crm_contacts.queries import purchases as queries
from crm_contacts.queries.purchases import Buyer, Key, Match, Person

A = TypeVar("A", bound=db.Aggregate)
_REMEMBERED = "purchases"


class Delivery(Protocol):
    """A command that says one purchase."""

    of: ClassVar[type[Any]]

    @property
    def source(self) -> str:
        """The system it comes from."""

    @property
    def external_id(self) -> str:
        """What that system calls it."""

    @property
    def buyer(self) -> Buyer:
        """Who bought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Purchases by key, and of each delivery who bought, or why that is nobody."""

    purchases: dict[Key, Any]
    buyers: dict[tuple[str, Buyer], Match | BuyerUnknown]

    def buyer_of(self, delivery: Delivery) -> Match:
        """Who bought. Raises BuyerUnknown."""
        found = self.buyers[delivery.source, delivery.buyer]
        if isinstance(found, BuyerUnknown):
            raise found
        return found


def together(function: Callable[..., A], deliveries: Sequence[Delivery]) -> Callable[..., A]:
    """Return the function of a delivery so that all of a batch are looked up at once.

    What is learned holds for the present savepoint: a rollback gives the locks back.
    """

    def run(session: Session, command: Any, /, *, now: datetime) -> A:
        savepoint, _ = session.info.get(_REMEMBERED, (None, None))
        if savepoint is None or savepoint is not session.get_nested_transaction():
            looked_up = look_up(session, deliveries)
            session.info[_REMEMBERED] = (session.get_nested_transaction(), looked_up)
        return function(session, command, now=now)

    return run


def known_of(session: Session, delivery: Delivery) -> Known:
    """What is known of a delivery, alone or among those of its batch."""
    savepoint, remembered = session.info.get(_REMEMBERED, (None, None))
    if savepoint is not None and savepoint is session.get_nested_transaction():
        return remembered  # type: ignore[no-any-return]
    return look_up(session, [delivery])


def look_up(session: Session, deliveries: Sequence[Delivery]) -> Known:
    """Lock what the deliveries are about: accounts first, then contacts, then purchases."""
    said = list(dict.fromkeys((each.source, each.buyer) for each in deliveries))
    keys = [company_key(buyer.company) if buyer.company else "" for _, buyer in said]
    found = queries.matches(session, said, keys)
    chosen = {each: _chosen(each[1], match) for each, match in zip(said, found, strict=True)}
    settled = settle(session, chosen.values())
    buyers = {each: settled[match] for each, match in chosen.items()}
    _learn(session, buyers)
    purchases: dict[Key, Any] = {}
    for kind in {each.of for each in deliveries}:
        named = {(each.source, each.external_id) for each in deliveries if each.of is kind}
        purchases |= queries.known(session, kind, named)
    return Known(purchases=purchases, buyers=buyers)


def settle(session: Session, wanted: Iterable[Match]) -> dict[Match, Match | BuyerUnknown]:
    """Who these are now, with the main account of a contact where none is named; all locked."""
    every = set(wanted)
    named = {each.account_id for each in every if each.account_id}
    there = queries.accounts(session, named)
    people = {each.contact_id for each in every if each.contact_id}
    living = queries.survivors(session, people)
    return {each: _now(each, there, living) for each in every}


def _now(
    match: Match, there: Mapping[UUID, tuple[UUID, bool]], living: Mapping[UUID, Person]
) -> Match | BuyerUnknown:
    account_id, is_customer = match.account_id, True
    if account_id and account_id not in there:
        return BuyerUnknown({"account_id": [f"no account {account_id}"]})
    if account_id:
        account_id, is_customer = there[account_id]
    if match.contact_id is None:
        return replace(match, account_id=account_id, is_customer=is_customer)
    person = living.get(match.contact_id)
    if person is None:
        return BuyerUnknown({"contact_id": [f"no contact {match.contact_id}"]})
    if account_id is None:
        account_id, is_customer = person.account_id, person.account_is_customer
    return Match(
        contact_id=person.contact_id,
        account_id=account_id,
        is_customer=is_customer and person.is_customer,
    )


def _chosen(buyer: Buyer, found: Match) -> Match:
    return Match(
        contact_id=buyer.contact_id or found.contact_id,
        account_id=buyer.account_id or found.account_id,
    )


def _learn(session: Session, buyers: Mapping[tuple[str, Buyer], Match | BuyerUnknown]) -> None:
    """Keep what a source calls a customer, so that it is known by that from now on."""
    learned: dict[tuple[str, str, str], UUID] = {}
    for (source, buyer), match in buyers.items():
        if isinstance(match, BuyerUnknown):
            continue
        if buyer.external_id and match.contact_id:
            learned[source, "contact", buyer.external_id] = match.contact_id
        if buyer.account_external_id and match.account_id:
            learned[source, "account", buyer.account_external_id] = match.account_id
    if learned:
        rows = [(*key, learned[key]) for key in sorted(learned)]
        columns = [list(column) for column in zip(*rows, strict=True)]
        db.cursor(session).execute(_LEARN, columns)


_LEARN = """
insert into customer_origin (source, kind, external_id, record_id)
select * from unnest(%s::text[], %s::text[], %s::text[], %s::uuid[])
on conflict (source, kind, external_id) do update set record_id = excluded.record_id
where customer_origin.record_id <> excluded.record_id
"""
