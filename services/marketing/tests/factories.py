"""Builders of others' records."""

from dataclasses import replace
from typing import Any

from crm_chassis import clock, ids
from crm_contracts import golden
from crm_contracts.contacts import Contact, EmailPoint, Field, FieldCreated
from crm_contracts.sales import Deal, DealWon
from crm_contracts.support import Ticket, TicketOpened


def a_contact(number: int = 1, **given: Any) -> Contact:
    """A contact with an address; fields may be given."""
    at = clock.now()
    fields: dict[str, Any] = {
        "id": ids.derived("contact", number),
        "public_no": number,
        "version": 1,
        "created_at": at,
        "updated_at": at,
        "created_by": "user:test",
        "updated_by": "user:test",
        "first_name": "Marta",
        "name": "Marta Okafor",
        "lifecycle": "lead",
        "emails": (EmailPoint(value=f"marta{number}@example.com", primary=True),),
    }
    return Contact(**fields | given)


def an_address(value: str = "marta1@example.com", **given: Any) -> tuple[EmailPoint, ...]:
    """A primary address; its state may be given."""
    return (EmailPoint(value=value, primary=True, **given),)


def a_field(key: str, type_: str, **given: Any) -> Field:
    """A field that the company gave contacts."""
    record = golden.golden(FieldCreated).record
    named = {"id": ids.derived("field", key), "key": key, "type": type_, "label": key}
    return replace(record, **named | given)


def a_deal(number: int = 1, **given: Any) -> Deal:
    """The sample deal of sales, with other fields."""
    record = golden.golden(DealWon).record
    return replace(record, **{"id": ids.derived("deal", number), "version": 1} | given)


def a_won_deal(number: int = 1, **given: Any) -> DealWon:
    """The sample fact of sales, with other fields of the deal."""
    return replace(golden.golden(DealWon), id=ids.new(), record=a_deal(number, **given))


def a_ticket(number: int = 1, **given: Any) -> Ticket:
    """The sample ticket of support, with other fields."""
    record = golden.golden(TicketOpened).record
    return replace(record, **{"id": ids.derived("ticket", number), "version": 1} | given)
