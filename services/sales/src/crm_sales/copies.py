"""Which of others' records sales keeps, and which columns of them."""

from __future__ import annotations

from typing import Any

from crm_chassis.project import Copy
from crm_contracts.contacts import Account, Contact
from crm_contracts.contacts.purchases import Invoice
from crm_contracts.gateway import Role, User


def primary_email(contact: dict[str, Any]) -> str | None:
    """The primary address of a contact's record, else its first, else None."""
    emails = contact.get("emails") or []
    chosen = next((each for each in emails if each.get("primary")), emails[0] if emails else {})
    value: str | None = chosen.get("value")
    return value


CONTACTS = Copy(
    of=Contact,
    table="contact_copy",
    columns={
        "name": "name",
        "email": primary_email,
        "owner_id": "owner_id",
        "account_id": "account_id",
    },
)
COPIES = (
    CONTACTS,
    Copy(of=Account, table="account_copy", columns={"name": "name"}),
    Copy(of=User, table="user_copy", columns={"name": "name", "team_id": "team_id"}),
    Copy(
        of=Role,
        table="role_copy",
        columns={"grants": "grants", "fields": "fields", "special": "special"},
    ),
    Copy(
        of=Invoice,
        table="invoice_copy",
        columns={
            "contact_id": "contact_id",
            "account_id": "account_id",
            "status": "status",
            "due_at": "due_at",
            "open_amount": lambda invoice: invoice["open_amount"]["amount"],
            "currency": lambda invoice: invoice["open_amount"]["currency"],
        },
    ),
)
