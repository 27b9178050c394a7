"""Which fields of our commands hold ids of others' records."""

from __future__ import annotations

from crm_chassis.project import References

REFERENCES = References(
    {
        "requester_id": "contact_copy",
        "account_id": "account_copy",
        "deal_id": "deal_copy",
        "assignee_id": "user_copy",
        "owner_id": "user_copy",
    }
)
