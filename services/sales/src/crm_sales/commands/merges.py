"""How sales follows merges of contacts and accounts."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement

from crm_chassis.project import Follower, ListReference, Reference
from crm_sales import events
from crm_sales.model.deal import Deal
from crm_sales.model.lead import Lead
from crm_sales.model.repointing import Repointing


class RolesReference(Reference):
    """Roles of contacts; each has one."""

    def holds(self, record_id: UUID) -> ColumnElement[bool]:
        """Say in SQL whether a contact has a role."""
        return self.column.op("@>")([{"contact_id": str(record_id)}])  # type: ignore[no-any-return]

    def swapped(self, value: Any, old: UUID, new: UUID) -> Any:
        """Return them with one contact in the place of another, who keeps a role of its own."""
        taken = any(each["contact_id"] == str(new) for each in value)
        return [
            each if each["contact_id"] != str(old) else {**each, "contact_id": str(new)}
            for each in value
            if not (taken and each["contact_id"] == str(old))
        ]

    def apart(self, value: Any, old: UUID, new: UUID, before: Any) -> Any:
        """Return them as they were; where they changed since, with the role of `old` beside."""
        if value == self.swapped(before, old, new):
            return before
        theirs = [each for each in before if each["contact_id"] == str(old)]
        had_both = any(each["contact_id"] == str(new) for each in before)
        return [*value, *theirs] if had_both else self.swapped(value, new, old)

    def dumped(self, value: Any) -> Any:
        """Return them as they are."""
        return value


OF_CONTACTS = Follower(
    references=(
        Reference(of=Deal, field="primary_contact_id", told=events.deal_updated),
        ListReference(of=Deal, field="contact_ids", told=events.deal_updated),
        RolesReference(of=Deal, field="contact_roles", told=events.deal_updated),
        Reference(of=Lead, field="contact_id", told=events.lead_updated),
    ),
    row=Repointing,
    told=events.references_repointed,
)
OF_ACCOUNTS = Follower(
    references=(
        Reference(of=Deal, field="account_id", told=events.deal_updated),
        Reference(of=Lead, field="account_id", told=events.lead_updated),
    ),
    row=Repointing,
    told=events.references_repointed,
)
