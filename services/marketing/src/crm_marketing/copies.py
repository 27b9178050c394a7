"""Which of others' records marketing keeps, and which columns of them."""

from typing import Any

from crm_chassis.project import Copy
from crm_contracts.contacts import Contact, Field
from crm_contracts.gateway import Role, User
from crm_contracts.sales import Deal
from crm_contracts.support import Ticket


def _point(contact: dict[str, Any]) -> dict[str, Any]:
    """The primary address of a contact's record, else its first."""
    emails = contact.get("emails") or []
    chosen: dict[str, Any] = next(
        (each for each in emails if each.get("primary")), emails[0] if emails else {}
    )
    return chosen


CONTACTS = Copy(
    of=Contact,
    table="contact_copy",
    columns={
        "name": "name",
        "first_name": "first_name",
        "last_name": "last_name",
        "email": lambda contact: _point(contact).get("value"),
        "deliverability": lambda contact: _point(contact).get("deliverability"),
        "opted_out": lambda contact: _point(contact).get("opted_out"),
        "lifecycle": "lifecycle",
        "owner_id": "owner_id",
        "team_id": "team_id",
        "visibility": "visibility",
        "account_id": "account_id",
        "tags": "tags",
        "language": "language",
        "job_title": "job_title",
        "source": "source",
        "created_at": "created_at",
        "birthday": "birthday",
        "custom": "custom",
        "preferences": "preferences",
    },
    marks="contact_stale",
)
COPIES = (
    CONTACTS,
    # What segments may ask of the contacts' own fields.
    Copy(
        of=Field,
        table="field_copy",
        columns={name: name for name in ("object", "key", "type", "label", "sensitive")},
    ),
    # Changes of these two touch the contacts they name, before and after: the tables' triggers
    # note them in contact_touched.
    Copy(
        of=Deal,
        table="deal_copy",
        columns={"status": "status", "primary_contact_id": "primary_contact_id"},
    ),
    Copy(
        of=Ticket,
        table="ticket_copy",
        columns={"status": "status", "requester_id": "requester_id"},
    ),
    Copy(of=User, table="user_copy", columns={"team_id": "team_id"}),
    Copy(
        of=Role,
        table="role_copy",
        columns={"grants": "grants", "fields": "fields", "special": "special"},
    ),
)
