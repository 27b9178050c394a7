"""Which fields of our commands hold ids of others' records."""

from __future__ import annotations

from crm_chassis.project import References

REFERENCES = References(
    {
        "account_id": "account_copy",
        "primary_contact_id": "contact_copy",
        "contact_id": "contact_copy",
        "contact_ids": "contact_copy",
        "owner_id": "user_copy",
    }
)
