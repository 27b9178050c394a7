"""Which fields of our commands hold ids of others' records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy.orm import Session

from crm_chassis.project import References
from crm_sales.model.values import ContactRole

REFERENCES = References(
    {
        "account_id": "account_copy",
        "primary_contact_id": "contact_copy",
        "contact_id": "contact_copy",
        "contact_ids": "contact_copy",
        "owner_id": "user_copy",
    }
)


def settled_roles(session: Session, roles: Iterable[ContactRole]) -> list[ContactRole]:
    """Return the same roles, of those who the contacts are now."""
    return [
        replace(each, **REFERENCES.settled(session, {"contact_id": each.contact_id}))
        for each in roles
    ]
