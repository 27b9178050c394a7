"""Records and facts as their producers would publish them, made from the golden samples."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import crm_contracts as contracts
from crm_chassis import ids
from crm_chassis.project import Item
from crm_chassis.project.projector import item_of
from crm_contracts import contacts, marketing, sales, support
from crm_contracts.base import Fact, Money, Record, SubjectRef
from crm_contracts.contacts import purchases

START = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
OPEN = {"visibility": "all", "owner_id": None, "team_id": None, "archived_at": None, "version": 1}


def minutes(number: int) -> datetime:
    return START + timedelta(minutes=number)


def contact(name: str = "Marta Okafor", *accounts: UUID, **given: Any) -> contacts.Contact:
    first, _, last = name.partition(" ")
    links = tuple(
        contacts.AccountLink(account_id=account, role=None, is_primary=not number)
        for number, account in enumerate(accounts)
    )
    made = {
        "id": ids.new(), "first_name": first, "last_name": last, "name": name,
        "account_id": accounts[0] if accounts else None, "account_ids": accounts,
        "account_links": links, "emails": (), "phones": (),
    }  # fmt: skip
    return replace(contracts.sample(contacts.ContactCreated).record, **{**OPEN, **made, **given})


def account(name: str = "Northwind", **given: Any) -> contacts.Account:
    made = {"id": ids.new(), "name": name, "legal_name": None, "domain": None}
    return replace(contracts.sample(contacts.AccountCreated).record, **{**OPEN, **made, **given})


def deal(customer: UUID, amount: str | None = "100.00", **given: Any) -> sales.Deal:
    currency = given.pop("currency", "EUR")
    money = Money(Decimal(amount), currency) if amount else None
    made = {
        "id": ids.new(), "name": "A deal", "primary_contact_id": customer,
        "contact_ids": (customer,), "account_id": None, "amount": money,
        "weighted_amount": money, "status": "open",
    }  # fmt: skip
    return replace(contracts.sample(sales.DealCreated).record, **{**OPEN, **made, **given})


def note(customer: UUID, **given: Any) -> contacts.Note:
    subjects = (SubjectRef(type="contact", id=customer),)
    made = {"id": ids.new(), "body": "A note", "subjects": subjects}
    return replace(contracts.sample(contacts.NoteAdded).record, **{**OPEN, **made, **given})


def invoice(customer: UUID, owed: str, **given: Any) -> purchases.Invoice:
    made = {
        "id": ids.new(), "contact_id": customer, "account_id": None,
        "open_amount": Money(Decimal(owed), "EUR"),
    }  # fmt: skip
    return replace(contracts.sample(purchases.InvoiceRecorded).record, **{**OPEN, **made, **given})


def ticket(customer: UUID, subject: str = "A question", **given: Any) -> support.Ticket:
    made = {
        "id": ids.new(), "requester_id": customer, "account_id": None, "subject": subject,
        "status": "new",
    }  # fmt: skip
    return replace(contracts.sample(support.TicketOpened).record, **{**OPEN, **made, **given})


def message(customer: UUID, **given: Any) -> marketing.Message:
    made = {"id": ids.new(), "contact_id": customer}
    return replace(contracts.sample(marketing.MessageSent).record, **{**OPEN, **made, **given})


def fact(of: type[Fact[Any]], record: Record, **given: Any) -> Fact[Any]:
    """Return a fact about a record."""
    made = {"id": ids.new(), "record": record, "time": START, **given}
    return replace(contracts.sample(of), **made)


def item(thing: Fact[Any] | Record) -> Item:
    """Return what the folder is given: of a fact as it arrives, of a record as a resync finds it."""
    if isinstance(thing, Fact):
        return item_of(contracts.encode(thing))
    return Item(
        service=thing.service, kind=thing.kind, id=thing.id, version=thing.version,
        body=contracts.record_body(thing),
    )  # fmt: skip


def erased(record: Record) -> Item:
    """Return what a resync finds of an erased record."""
    return replace(item(record), version=record.version + 1, body=None)
